/** A client as a process of its own: makes connections and prints what became of each as a JSON array. */
import { createSocket } from 'node:dgram';
import { connect } from 'node:net';

const TIMEOUT_MS = 2_000;
const [, , transport = 'tcp', address = '', port = '', count = '1', sourcePort = '0'] = process.argv;

const results: string[] = [];
const dial = transport === 'udp' ? askByDatagram : askByStream;
for (let done = 0; done < Number(count); done++) results.push(await dial());
process.stdout.write(JSON.stringify(results));

function askByStream(): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port: Number(port) });
    const finish = (text: string): void => {
      socket.destroy();
      resolve(text);
    };
    socket.setTimeout(TIMEOUT_MS, () => finish('TIMEOUT'));
    socket.on('error', (error: NodeJS.ErrnoException) => finish(error.code ?? error.message));
    socket.on('data', (data) => finish(String(data).trim()));
    socket.write('hello\n');
  });
}

function askByDatagram(): Promise<string> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4');
    const finish = (text: string): void => {
      clearTimeout(timer);
      socket.close();
      resolve(text);
    };
    const timer = setTimeout(() => finish('TIMEOUT'), TIMEOUT_MS);
    socket.on('error', (error: NodeJS.ErrnoException) => finish(error.code ?? error.message));
    socket.on('message', (data) => finish(String(data).trim()));
    socket.bind(Number(sourcePort), () => socket.connect(Number(port), address, () => socket.send('hello\n')));
  });
}
