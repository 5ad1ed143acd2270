/** Channel messages as bytes, or as text for clients that cannot send bytes. Pure. */

export type ChannelMessage = { readonly channel: number; readonly payload: Buffer };

export type FrameCodec = {
  encode(channel: number, payload: Buffer): Buffer | string;
  decode(message: Buffer): ChannelMessage;
};

/** -1 is no channel. */
const NO_CHANNEL = -1;
const DIGIT_ZERO = 0x30;

export function frameCodecFor(protocol: string): FrameCodec {
  return protocol.includes('base64') ? TEXT : BINARY;
}

const BINARY: FrameCodec = {
  encode: (channel, payload) => Buffer.concat([Buffer.from([channel]), payload]),
  decode: (message) => ({ channel: message[0] ?? NO_CHANNEL, payload: message.subarray(1) }),
};

/** The channel is a digit, what follows is base64. */
const TEXT: FrameCodec = {
  encode: (channel, payload) => `${channel}${payload.toString('base64')}`,
  decode: (message) => ({
    channel: message[0] === undefined ? NO_CHANNEL : message[0] - DIGIT_ZERO,
    payload: Buffer.from(message.toString('latin1', 1), 'base64'),
  }),
};
