/** Runs inside a test's host: carries what arrives at a Unix socket to a TCP port of the host, until standard input ends. */
import { connect, createServer } from 'node:net';

const [path, host, port] = process.argv.slice(2);
const server = createServer({ allowHalfOpen: true }, (near) => {
  const far = connect({ host: host!, port: Number(port), allowHalfOpen: true });
  near.on('error', () => far.destroy());
  far.on('error', () => near.destroy());
  near.on('close', () => far.destroy());
  far.on('close', () => near.destroy());
  near.pipe(far).pipe(near);
});
server.listen(path, () => process.stdout.write('ready\n'));
process.stdin.resume().on('end', () => process.exit());
