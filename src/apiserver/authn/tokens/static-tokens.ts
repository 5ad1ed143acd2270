/** Users by a fixed list of tokens, as upstream's token file has it: `token,user,uid,"group1,group2"`, one a line. */
import { createHash } from 'node:crypto';
import type { UserInfo } from '#api/request';
import type { Authenticator } from '../authentication.ts';

/** Throws `SyntaxError` for a line that says too little. */
export function staticTokens(csv: string): Authenticator {
  const users = new Map(
    csv
      .split('\n')
      .filter((line) => line.trim() !== '' && !line.startsWith('#'))
      .map((line) => readLine(line)),
  );
  // Looked up by digest: how long that takes tells nothing about the tokens.
  return ({ bearer }) => (bearer === undefined ? undefined : users.get(digest(bearer)));
}

const digest = (token: string): string => createHash('sha256').update(token).digest('base64');

function readLine(line: string): readonly [string, UserInfo] {
  const [token = '', name = '', uid, groups = ''] = fieldsOf(line.trim());
  if (token === '' || name === '' || uid === undefined) {
    throw new SyntaxError(
      'Cannot read token file: a line has fewer than 3 columns, expected token, user name and user uid',
    );
  }
  const named = groups.split(',').map((group) => group.trim());
  return [digest(token), { name, ...(uid === '' ? {} : { uid }), groups: named.filter((group) => group !== '') }];
}

function fieldsOf(line: string): readonly string[] {
  return [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(
    ([, quoted, plain = '']) => quoted?.replaceAll('""', '"') ?? plain.trim(),
  );
}
