/** What every function that expressions may call takes and yields. */
import { overloadsOf } from './overloads.ts';

const ORDER = ['<', '<=', '>', '>='].map(
  (sign) => `
    ${sign}(bool, bool): bool
    ${sign}(int|uint|double, int|uint|double): bool
    ${sign}(string, string): bool
    ${sign}(bytes, bytes): bool
    ${sign}(google.protobuf.Duration, google.protobuf.Duration): bool
    ${sign}(google.protobuf.Timestamp, google.protobuf.Timestamp): bool`,
);

const CALCULATING = ['-', '*', '/'].map(
  (sign) => `
    ${sign}(int, int): int
    ${sign}(uint, uint): uint
    ${sign}(double, double): double`,
);

const OPERATORS = `
  ${ORDER.join('')}
  ${CALCULATING.join('')}
  %(int, int): int
  %(uint, uint): uint
  +(int, int): int
  +(uint, uint): uint
  +(double, double): double
  +(string, string): string
  +(bytes, bytes): bytes
  +(list(A), list(A)): list(A)
  negate(int): int
  negate(double): double
  !(bool): bool
  &&(bool, bool): bool
  ||(bool, bool): bool
  ?:(bool, A, A): A
  ==(A, A): bool
  !=(A, A): bool
  in(A, list(A)): bool
  in(A, map(A, B)): bool
  [](list(A), int): A
  [](map(A, B), A): B
  [](optional_type(list(A)), int): optional_type(A)
  [](optional_type(map(A, B)), A): optional_type(B)
  [?](list(A), int): optional_type(A)
  [?](map(A, B), A): optional_type(B)
  [?](optional_type(list(A)), int): optional_type(A)
  [?](optional_type(map(A, B)), A): optional_type(B)`;

const CONVERSIONS = `
  int(int|uint|double|string): int
  uint(int|uint|double|string): uint
  double(int|uint|double|string): double
  string(bool|int|uint|double|string|bytes): string
  bool(bool|string): bool
  bytes(string|bytes): bytes
  dyn(A): dyn`;

const TEXTS = `
  size(string|bytes|list(A)|map(A, B)): int
  string.size(): int
  bytes.size(): int
  list(A).size(): int
  map(A, B).size(): int
  matches(string, string): bool
  string.matches(string): bool
  string.contains(string): bool
  string.startsWith(string): bool
  string.endsWith(string): bool
  string.lowerAscii(): string
  string.upperAscii(): string
  string.trim(): string
  string.indexOf(string): int
  string.indexOf(string, int): int
  string.lastIndexOf(string): int
  string.lastIndexOf(string, int): int
  string.substring(int): string
  string.substring(int, int): string
  string.charAt(int): string
  string.replace(string, string): string
  string.replace(string, string, int): string
  string.split(string): list(string)
  string.split(string, int): list(string)
  list(string).join(): string
  list(string).join(string): string`;

const PARTS = 'getFullYear getMonth getDate getDayOfMonth getDayOfYear getDayOfWeek'.split(' ');
const CLOCK_PARTS = 'getHours getMinutes getSeconds getMilliseconds'.split(' ');

const TIMES = `
  duration(string|google.protobuf.Duration): google.protobuf.Duration
  timestamp(string|int|google.protobuf.Timestamp): google.protobuf.Timestamp
  int(google.protobuf.Timestamp): int
  string(google.protobuf.Timestamp|google.protobuf.Duration): string
  +(google.protobuf.Duration, google.protobuf.Duration): google.protobuf.Duration
  +(google.protobuf.Timestamp, google.protobuf.Duration): google.protobuf.Timestamp
  +(google.protobuf.Duration, google.protobuf.Timestamp): google.protobuf.Timestamp
  -(google.protobuf.Duration, google.protobuf.Duration): google.protobuf.Duration
  -(google.protobuf.Timestamp, google.protobuf.Duration): google.protobuf.Timestamp
  -(google.protobuf.Timestamp, google.protobuf.Timestamp): google.protobuf.Duration
  ${CLOCK_PARTS.map((name) => `google.protobuf.Duration.${name}(): int`).join('\n')}
  ${[...PARTS, ...CLOCK_PARTS]
    .flatMap((name) => [`google.protobuf.Timestamp.${name}(): int`, `google.protobuf.Timestamp.${name}(string): int`])
    .join('\n')}`;

const COMPARABLE = 'int uint double bool string bytes google.protobuf.Duration google.protobuf.Timestamp'.split(' ');
const SUMMABLE = ['int', 'uint', 'double', 'google.protobuf.Duration'];

const LISTS = `
  ${COMPARABLE.flatMap((type) => [
    `list(${type}).isSorted(): bool`,
    `list(${type}).min(): ${type}`,
    `list(${type}).max(): ${type}`,
  ]).join('\n')}
  ${SUMMABLE.map((type) => `list(${type}).sum(): ${type}`).join('\n')}
  list(A).indexOf(A): int
  list(A).lastIndexOf(A): int
  sets.contains(list(A), list(A)): bool
  sets.equivalent(list(A), list(A)): bool
  sets.intersects(list(A), list(A)): bool`;

const OPTIONALS = `
  optional.of(A): optional_type(A)
  optional.none(): optional_type(A)
  optional_type(A).hasValue(): bool
  optional_type(A).value(): A
  optional_type(A).or(optional_type(A)): optional_type(A)
  optional_type(A).orValue(A): A`;

const QUANTITIES = `
  quantity(string): kubernetes.Quantity
  isQuantity(string): bool
  kubernetes.Quantity.isInteger(): bool
  kubernetes.Quantity.asInteger(): int
  kubernetes.Quantity.asApproximateFloat(): double
  kubernetes.Quantity.sign(): int
  kubernetes.Quantity.isGreaterThan(kubernetes.Quantity): bool
  kubernetes.Quantity.isLessThan(kubernetes.Quantity): bool
  kubernetes.Quantity.compareTo(kubernetes.Quantity): int
  kubernetes.Quantity.add(kubernetes.Quantity|int): kubernetes.Quantity
  kubernetes.Quantity.sub(kubernetes.Quantity|int): kubernetes.Quantity`;

const VERSIONS = `
  semver(string): kubernetes.Semver
  semver(string, bool): kubernetes.Semver
  isSemver(string): bool
  isSemver(string, bool): bool
  kubernetes.Semver.major(): int
  kubernetes.Semver.minor(): int
  kubernetes.Semver.patch(): int
  kubernetes.Semver.isGreaterThan(kubernetes.Semver): bool
  kubernetes.Semver.isLessThan(kubernetes.Semver): bool
  kubernetes.Semver.compareTo(kubernetes.Semver): int`;

export const DECLARATIONS = overloadsOf(
  [OPERATORS, CONVERSIONS, TEXTS, LISTS, TIMES, OPTIONALS, QUANTITIES, VERSIONS].join('\n'),
);
