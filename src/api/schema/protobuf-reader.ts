/** Reads the protobuf wire format: tags, varints, fixed numbers and length-delimited parts. */
import { type ExactInteger, exactInteger } from '../meta/exact-integer.ts';
import { DecodeError } from './decode-error.ts';
import { MAX_VALUES } from './json-bounds.ts';

export const VARINT = 0;
export const FIXED_64 = 1;
export const LENGTH_DELIMITED = 2;
export const FIXED_32 = 5;

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const TWO_TO_32 = 2 ** 32;
const MAX_SAFE_HIGH = 2 ** 21;
// Up to here joining characters is faster than a call into the platform.
const SHORT_TEXT = 8;
// Up to here looking for what is not ASCII is faster than a decoder that expects anything.
const MEDIUM_TEXT = 96;

/** Reads one message, and the messages in it between `enter` and `leave`. */
export class ProtobufReader {
  readonly #bytes: Buffer;
  #at = 0;
  #end: number;
  // The two halves of the last varint: a pair to return would be an object for every number.
  #low = 0;
  #high = 0;
  #wireType = 0;
  #depth = 0;
  #values = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#end = bytes.length;
  }

  /** At the end of the message that was entered last. */
  get done(): boolean {
    return this.#at >= this.#end;
  }

  /** Of the field whose tag was read last. */
  get wireType(): number {
    return this.#wireType;
  }

  /** How many parts were entered and not left. */
  get depth(): number {
    return this.#depth;
  }

  /** One more value is about to be read. */
  countValue(): void {
    this.#values += 1;
    if (this.#values > MAX_VALUES) throw new DecodeError(`too many values: limit is ${MAX_VALUES}`);
  }

  /** Goes into a length-delimited part; what it returns is for `leave`. */
  enter(): number {
    const length = this.#length();
    const outer = this.#end;
    this.#end = this.#at + length;
    this.#depth += 1;
    return outer;
  }

  leave(outer: number): void {
    this.#at = this.#end;
    this.#end = outer;
    this.#depth -= 1;
  }

  /** The number of the next field. */
  field(): number {
    const tag = this.#uint32();
    const wireType = tag & 7;
    if (tag < 8) throw new DecodeError(`proto: illegal tag 0 (wire type ${wireType})`);
    if (wireType > LENGTH_DELIMITED && wireType !== FIXED_32) {
      throw new DecodeError(`proto: illegal wireType ${wireType}`);
    }
    this.#wireType = wireType;
    return tag >>> 3;
  }

  bool(): boolean {
    this.#varint();
    return this.#low !== 0 || this.#high !== 0;
  }

  int32(): number {
    this.#varint();
    return this.#low | 0;
  }

  int64(): number | ExactInteger {
    this.#varint();
    if (this.#high === 0) return this.#low;
    return exactInteger(BigInt.asIntN(64, (BigInt(this.#high) << 32n) | BigInt(this.#low)));
  }

  uint64(): number | ExactInteger {
    this.#varint();
    if (this.#high < MAX_SAFE_HIGH) return this.#high * TWO_TO_32 + this.#low;
    return exactInteger((BigInt(this.#high) << 32n) | BigInt(this.#low));
  }

  double(): number {
    return this.#bytes.readDoubleLE(this.#take(8));
  }

  float(): number {
    return this.#bytes.readFloatLE(this.#take(4));
  }

  bytes(): Buffer {
    const length = this.#length();
    const start = this.#take(length);
    return this.#bytes.subarray(start, start + length);
  }

  string(): string {
    const length = this.#length();
    const start = this.#take(length);
    if (length <= MEDIUM_TEXT && this.#isAscii(start, start + length)) return this.#ascii(start, start + length);
    try {
      return UTF8.decode(this.#bytes.subarray(start, start + length));
    } catch (error) {
      if (error instanceof TypeError)
        throw new DecodeError('proto: string field contains invalid UTF-8', { cause: error });
      throw error;
    }
  }

  /** Passes the field whose number was read last. */
  skip(): void {
    const wireType = this.#wireType;
    if (wireType === VARINT) this.#varint();
    else this.#take(wireType === FIXED_64 ? 8 : wireType === FIXED_32 ? 4 : this.#length());
  }

  #isAscii(start: number, end: number): boolean {
    let bits = 0;
    for (let at = start; at < end; at += 1) bits |= this.#bytes[at] as number;
    return bits < 0x80;
  }

  #ascii(start: number, end: number): string {
    if (end - start > SHORT_TEXT) return this.#bytes.toString('latin1', start, end);
    let text = '';
    for (let at = start; at < end; at += 1) text += ASCII[this.#bytes[at] as number];
    return text;
  }

  /** Where the part starts that is passed. */
  #take(length: number): number {
    const start = this.#at;
    if (length > this.#end - start) throw new DecodeError('unexpected EOF');
    this.#at = start + length;
    return start;
  }

  #length(): number {
    const length = this.#uint32();
    if (length > this.#end - this.#at) throw new DecodeError('unexpected EOF');
    return length;
  }

  /** A length or a tag: always small. */
  #uint32(): number {
    const first = this.#bytes[this.#at] as number;
    if (this.#at < this.#end && first < 0x80) {
      this.#at += 1;
      return first;
    }
    this.#varint();
    if (this.#high !== 0 || this.#low > 0x7fff_ffff) {
      throw new DecodeError('proto: negative length found during unmarshaling');
    }
    return this.#low;
  }

  #varint(): void {
    let low = 0;
    let high = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      if (this.#at >= this.#end) throw new DecodeError('unexpected EOF');
      const byte = this.#bytes[this.#at++] as number;
      const bits = byte & 0x7f;
      if (shift < 28) low |= bits << shift;
      else if (shift === 28) {
        low |= bits << 28;
        high = bits >>> 4;
      } else high |= bits << (shift - 32);
      if (byte < 0x80) {
        this.#low = low >>> 0;
        this.#high = high >>> 0;
        return;
      }
    }
    throw new DecodeError('proto: integer overflow');
  }
}

const ASCII: readonly string[] = Array.from({ length: 0x80 }, (_, code) => String.fromCharCode(code));
