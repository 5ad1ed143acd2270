/** Writes the protobuf wire format. */
import { LENGTH_DELIMITED } from './protobuf-reader.ts';
import type { WireType } from './protobuf-reader.ts';

const UTF8 = new TextEncoder();

export class ProtobufWriter {
  readonly #parts: Uint8Array[] = [];

  tag(number: number, wireType: WireType): void {
    this.#varint(BigInt(number * 8 + wireType));
  }

  /** Any 64-bit number; negative ones take ten bytes, as protobuf has it. */
  varint(value: number): void {
    this.#varint(BigInt.asUintN(64, BigInt(value)));
  }

  double(value: number): void {
    const part = new DataView(new ArrayBuffer(8));
    part.setFloat64(0, value, true);
    this.#parts.push(new Uint8Array(part.buffer));
  }

  float(value: number): void {
    const part = new DataView(new ArrayBuffer(4));
    part.setFloat32(0, value, true);
    this.#parts.push(new Uint8Array(part.buffer));
  }

  /** A length-delimited field. */
  delimited(number: number, bytes: Uint8Array): void {
    this.tag(number, LENGTH_DELIMITED);
    this.#varint(BigInt(bytes.length));
    this.#parts.push(bytes);
  }

  string(number: number, text: string): void {
    this.delimited(number, UTF8.encode(text));
  }

  raw(bytes: Uint8Array): void {
    this.#parts.push(bytes);
  }

  finish(): Uint8Array {
    return Buffer.concat(this.#parts);
  }

  #varint(value: bigint): void {
    const bytes: number[] = [];
    let rest = value;
    for (; rest >= 0x80n; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
    bytes.push(Number(rest));
    this.#parts.push(Uint8Array.from(bytes));
  }
}
