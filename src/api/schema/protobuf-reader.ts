/** Reads the protobuf wire format: tags, varints, fixed numbers and length-delimited bytes. */
import { DecodeError } from './decode-error.ts';

export type WireType = 0 | 1 | 2 | 5;

export const VARINT = 0;
export const FIXED_64 = 1;
export const LENGTH_DELIMITED = 2;
export const FIXED_32 = 5;

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export class ProtobufReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get done(): boolean {
    return this.#at >= this.#bytes.length;
  }

  tag(): { readonly number: number; readonly wireType: WireType } {
    const tag = this.#uint();
    const number = Math.floor(tag / 8);
    const wireType = tag % 8;
    if (number === 0) throw new DecodeError(`proto: illegal tag ${number} (wire type ${wireType})`);
    if (wireType !== VARINT && wireType !== FIXED_64 && wireType !== LENGTH_DELIMITED && wireType !== FIXED_32) {
      throw new DecodeError(`proto: illegal wireType ${wireType}`);
    }
    return { number, wireType };
  }

  /** A signed 64-bit number, as near as a double comes. */
  int64(): number {
    return Number(BigInt.asIntN(64, this.#varint()));
  }

  uint64(): number {
    return Number(BigInt.asUintN(64, this.#varint()));
  }

  /** Exact, for values such as nanoseconds. */
  exactInt64(): bigint {
    return BigInt.asIntN(64, this.#varint());
  }

  int32(): number {
    return Number(BigInt.asIntN(32, this.#varint()));
  }

  double(): number {
    return this.#view(8).getFloat64(0, true);
  }

  float(): number {
    return this.#view(4).getFloat32(0, true);
  }

  bytes(): Uint8Array {
    return this.#take(this.#uint());
  }

  string(): string {
    try {
      return UTF8.decode(this.bytes());
    } catch (error) {
      if (error instanceof TypeError)
        throw new DecodeError('proto: string field contains invalid UTF-8', { cause: error });
      throw error;
    }
  }

  skip(wireType: WireType): void {
    if (wireType === VARINT) this.#varint();
    else this.#take(wireType === FIXED_64 ? 8 : wireType === FIXED_32 ? 4 : this.#uint());
  }

  #view(length: number): DataView {
    const part = this.#take(length);
    return new DataView(part.buffer, part.byteOffset, part.byteLength);
  }

  #take(length: number): Uint8Array {
    const end = this.#at + length;
    if (end > this.#bytes.length) throw new DecodeError('unexpected EOF');
    const part = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return part;
  }

  /** A length or a tag: always small. */
  #uint(): number {
    const value = this.#varint();
    if (value > 0x7fff_ffffn) throw new DecodeError('proto: negative length found during unmarshaling');
    return Number(value);
  }

  #varint(): bigint {
    let low = 0;
    // Nearly all numbers fit into four bytes; those need no big integers.
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = this.#byte();
      low |= (byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt(low);
    }
    let value = BigInt(low);
    for (let shift = 28n; shift < 70n; shift += 7n) {
      const byte = this.#byte();
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    throw new DecodeError('proto: integer overflow');
  }

  #byte(): number {
    const byte = this.#bytes[this.#at];
    if (byte === undefined) throw new DecodeError('unexpected EOF');
    this.#at += 1;
    return byte;
  }
}
