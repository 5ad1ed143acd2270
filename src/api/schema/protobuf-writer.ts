/** Writes the protobuf wire format from the end to the beginning: then the length of a part is known before it is written. */
import { type ExactInteger, toBigInt } from '../meta/exact-integer.ts';
import { LENGTH_DELIMITED } from './protobuf-reader.ts';

const FIRST_SIZE = 2048;
// Longer texts are written faster by the platform than character by character.
const SHORT_TEXT = 24;

/** What is written first comes last: the last field, and of each field the value before its tag. */
export class ProtobufWriter {
  #bytes: Buffer;
  #start: number;

  /** `size` is how many bytes there will be, if that is known. */
  constructor(size: number = FIRST_SIZE) {
    this.#bytes = Buffer.allocUnsafe(size);
    this.#start = size;
  }

  tag(number: number, wireType: number): void {
    this.#uint32(number * 8 + wireType);
  }

  /** Any 64-bit number; negative ones take ten bytes, as protobuf has it. */
  varint(value: number | ExactInteger): void {
    if (typeof value === 'number' && value >= 0 && value < 0x8000_0000) this.#uint32(value);
    else this.#uint64(BigInt.asUintN(64, toBigInt(value)));
  }

  double(value: number): void {
    this.#start = this.#room(8);
    this.#bytes.writeDoubleLE(value, this.#start);
  }

  float(value: number): void {
    this.#start = this.#room(4);
    this.#bytes.writeFloatLE(value, this.#start);
  }

  /** What `delimit` needs to know of where a part ends. */
  get written(): number {
    return this.#bytes.length - this.#start;
  }

  /** Everything written since `end` was becomes one length-delimited field. */
  delimit(number: number, end: number): void {
    this.#uint32(this.written - end);
    this.tag(number, LENGTH_DELIMITED);
  }

  delimited(number: number, bytes: Uint8Array): void {
    const end = this.written;
    this.raw(bytes);
    this.delimit(number, end);
  }

  string(number: number, text: string): void {
    const end = this.written;
    if (text.length > SHORT_TEXT || !this.#shortAscii(text)) this.raw(Buffer.from(text));
    this.delimit(number, end);
  }

  raw(bytes: Uint8Array): void {
    this.#start = this.#room(bytes.length);
    this.#bytes.set(bytes, this.#start);
  }

  finish(): Buffer {
    return Buffer.from(this.#bytes.subarray(this.#start));
  }

  /** False when there is anything but ASCII in it, and nothing is written. */
  #shortAscii(text: string): boolean {
    const start = this.#room(text.length);
    for (let index = 0; index < text.length; index += 1) {
      const code = text.charCodeAt(index);
      if (code >= 0x80) return false;
      this.#bytes[start + index] = code;
    }
    this.#start = start;
    return true;
  }

  #uint32(value: number): void {
    let size = 1;
    for (let rest = value >>> 7; rest > 0; rest >>>= 7) size += 1;
    let at = (this.#start = this.#room(size));
    let rest = value;
    for (; rest >= 0x80; rest >>>= 7) this.#bytes[at++] = (rest & 0x7f) | 0x80;
    this.#bytes[at] = rest;
  }

  #uint64(value: bigint): void {
    const bytes: number[] = [];
    let rest = value;
    for (; rest >= 0x80n; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
    bytes.push(Number(rest));
    this.raw(Uint8Array.from(bytes));
  }

  /** Where the next `size` bytes go; makes room for them. */
  #room(size: number): number {
    if (size <= this.#start) return this.#start - size;
    const { written } = this;
    const larger = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, written + size));
    this.#bytes.copy(larger, larger.length - written, this.#start);
    this.#bytes = larger;
    this.#start = larger.length - written;
    return this.#start - size;
  }
}
