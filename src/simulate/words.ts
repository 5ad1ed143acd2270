/** Numbers as people read them. Pure. */

export function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

const SECONDS_IN_MINUTE = 60;
const SECONDS_IN_HOUR = 3_600;

/** `1h5m`, `30s`; nothing is `0s`. */
export function spanText(seconds: number): string {
  const whole = Math.round(seconds);
  const parts = [
    [Math.floor(whole / SECONDS_IN_HOUR), 'h'],
    [Math.floor((whole % SECONDS_IN_HOUR) / SECONDS_IN_MINUTE), 'm'],
    [whole % SECONDS_IN_MINUTE, 's'],
  ] as const;
  const text = parts.flatMap(([number, unit]) => (number === 0 ? [] : [`${number}${unit}`])).join('');
  return text === '' ? '0s' : text;
}
