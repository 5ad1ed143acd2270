/** Tells every client which server answered and where the server saw the client: `NAME CLIENT`, by TCP and UDP. */
import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';

const [, , name = '', port = '8080'] = process.argv;

const streams = createServer((socket) => {
  socket.on('error', () => socket.destroy());
  // One line for each line, so that a client can see whether its connection still lives.
  socket.on('data', () => socket.write(`${name} ${socket.remoteAddress}\n`));
});
const datagrams = createSocket('udp4');
datagrams.on('message', (_message, client) =>
  datagrams.send(`${name} ${client.address}\n`, client.port, client.address),
);

streams.listen(Number(port), '0.0.0.0', () => {
  datagrams.bind(Number(port), '0.0.0.0', () => process.stdout.write('listening\n'));
});
