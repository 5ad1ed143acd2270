/** Field selectors: `metadata.name=web,status.phase!=Running`. */
import { SelectorError } from './label-selector.ts';

export type FieldRequirement = {
  readonly field: string;
  readonly operator: '=' | '!=';
  readonly value: string;
};

/** All must hold; none selects everything. */
export type FieldSelector = readonly FieldRequirement[];

/** Throws `SelectorError`. Which fields a kind supports is not decided here. */
export function parseFieldSelector(text: string): FieldSelector {
  return splitTerms(text)
    .toSorted()
    .filter((term) => term !== '')
    .map((term) => {
      const match = /^(.*?)(!=|==|=)(.*)$/s.exec(term);
      if (match === null) throw new SelectorError(`invalid selector: '${text}'; can't understand '${term}'`);
      const [, field = '', operator, value = ''] = match;
      return { field, operator: operator === '!=' ? '!=' : '=', value: unescape(value) };
    });
}

export function matchesFields(selector: FieldSelector, valueOf: (field: string) => string): boolean {
  return selector.every(({ field, operator, value }) => (valueOf(field) === value) === (operator === '='));
}

/** The value a field must have, when the selector names one: a list by name need not look at every object. */
export function exactField(selector: FieldSelector, field: string): string | undefined {
  return selector.find((requirement) => requirement.field === field && requirement.operator === '=')?.value;
}

/** At commas that no backslash escapes. */
function splitTerms(text: string): readonly string[] {
  return text.match(/(?:\\[\s\S]|[^\\,]|\\$)+/g) ?? [];
}

function unescape(value: string): string {
  return value.replaceAll(/\\([\s\S]?)|[,=]/g, (sequence, escaped: string | undefined) => {
    if (escaped === undefined) {
      // Upstream prints the character's number.
      throw new SelectorError(`invalid field selector: unescaped character in value: ${sequence.charCodeAt(0)}`);
    }
    if (escaped === '' || !'\\,='.includes(escaped)) {
      throw new SelectorError(`invalid field selector: invalid escape sequence: ${sequence}`);
    }
    return escaped;
  });
}
