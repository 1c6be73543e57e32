/** A body that is no protobuf, or not the one that it says it is. */
export class ProtobufError extends Error {
  override readonly name = "ProtobufError";
}

/** One field as it is on the wire (protobuf encoding, wire types 0 and 2). */
export interface WireField {
  readonly number: number;
  readonly varint?: bigint;
  readonly bytes?: Buffer;
}

const fieldsMax = 100_000;

/** Splits a message into its fields. Throws `ProtobufError` on anything cut off or out of range. */
export function readFields(bytes: Buffer): WireField[] {
  const fields: WireField[] = [];
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = bytes[at];
      if (byte === undefined) {
        break;
      }
      at++;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) {
        return BigInt.asUintN(64, value);
      }
    }
    throw new ProtobufError("a number is cut off");
  };
  const take = (length: number): Buffer => {
    if (length > bytes.length - at) {
      throw new ProtobufError("a field is cut off");
    }
    at += length;
    return bytes.subarray(at - length, at);
  };
  while (at < bytes.length) {
    const tag = Number(varint());
    const number = Math.floor(tag / 8);
    switch (tag % 8) {
      case 0:
        fields.push({ number, varint: varint() });
        break;
      case 1:
        take(8);
        break;
      case 2: {
        const length = varint();
        fields.push({ number, bytes: take(length > BigInt(bytes.length) ? bytes.length + 1 : Number(length)) });
        break;
      }
      case 5:
        take(4);
        break;
      default:
        throw new ProtobufError("an unknown wire type");
    }
    if (number === 0 || fields.length > fieldsMax) {
      throw new ProtobufError("the message has no usable fields");
    }
  }
  return fields;
}
