/** A name server outside the cluster that knows one name. */
import { createSocket } from 'node:dgram';
import * as packet from 'dns-packet';

const [, , address = ''] = process.argv;

const socket = createSocket('udp4');
socket.on('message', (message, client) => {
  const query = packet.decode(message);
  const [question] = query.questions ?? [];
  const isKnown = question?.name === 'www.outside.test' && question.type === 'A';
  const answer = packet.encode({
    type: 'response',
    id: query.id,
    flags: isKnown ? 0 : 3,
    questions: query.questions,
    answers: isKnown ? [{ name: question.name, type: 'A', ttl: 60, data: '203.0.113.5' }] : [],
  });
  socket.send(answer, client.port, client.address);
});
socket.bind(53, address, () => process.stdout.write('listening\n'));
