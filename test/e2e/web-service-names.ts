/** A name server for tests that knows one service, on port 53 of the network namespace it is started in. */
import { createSocket } from 'node:dgram';
import { decode, encode } from 'dns-packet';

const KNOWN = 'web-service.default.svc.cluster.local';
const AUTHORITATIVE = 0x0400;
const NO_SUCH_NAME = 3;

const socket = createSocket('udp4');
socket.on('message', (message, { port, address }) => {
  const query = decode(message);
  const question = query.questions?.[0];
  const isKnown = question?.name === KNOWN;
  const answer = encode({
    type: 'response',
    ...(query.id === undefined ? {} : { id: query.id }),
    flags: AUTHORITATIVE | (isKnown ? 0 : NO_SUCH_NAME),
    questions: query.questions ?? [],
    answers: isKnown && question.type === 'A' ? [{ type: 'A', name: KNOWN, ttl: 5, data: '127.0.0.1' }] : [],
  });
  socket.send(answer, port, address);
});
socket.bind(53, '127.0.0.1', () => process.stdout.write('ready\n'));
