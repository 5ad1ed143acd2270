/** Rewrites the links of an HTML page as it passes by, byte for byte apart from them. */
import { Transform } from 'node:stream';

/** Attributes that hold a URL, by element. */
const LINKS: Readonly<Record<string, readonly string[]>> = {
  a: ['href'],
  applet: ['codebase'],
  area: ['href'],
  audio: ['src'],
  base: ['href'],
  blockquote: ['cite'],
  body: ['background'],
  button: ['formaction'],
  command: ['icon'],
  del: ['cite'],
  embed: ['src'],
  form: ['action'],
  frame: ['longdesc', 'src'],
  head: ['profile'],
  html: ['manifest'],
  iframe: ['longdesc', 'src'],
  img: ['longdesc', 'src', 'usemap'],
  input: ['src', 'usemap', 'formaction'],
  ins: ['cite'],
  link: ['href'],
  object: ['classid', 'codebase', 'data', 'usemap'],
  q: ['cite'],
  script: ['src'],
  source: ['src'],
  video: ['poster', 'src'],
};

// What looks like a tag inside these is text.
const RAW_TEXT = new Set(['script', 'style', 'textarea', 'title', 'xmp', 'iframe', 'noembed', 'noframes']);
const COMMENT_START = '<!--';
const COMMENT_END = /-->/;
// Of what ends such text: `</textarea`.
const LONGEST_END = 10;
// A tag that is longer than this is none.
const LONGEST_TAG = 64 * 1024;

export type RewriteLink = (url: string) => string;

/** Reads bytes as Latin-1: whatever the page's encoding, its markup is ASCII and everything else passes unread. */
export function htmlRewriter(rewrite: RewriteLink): Transform {
  const scanner = new HtmlScanner(rewrite);
  return new Transform({
    transform: (chunk: Buffer, _encoding, done) => done(null, latin1(scanner.push(chunk.toString('latin1')))),
    flush: (done) => done(null, latin1(scanner.end())),
  });
}

const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1');

class HtmlScanner {
  readonly #rewrite: RewriteLink;
  #held = '';
  /** What ends the text that is passed by unread: a comment's end, the closing tag of raw text. */
  #until: RegExp | undefined;

  constructor(rewrite: RewriteLink) {
    this.#rewrite = rewrite;
  }

  /** What can be passed on; the beginning of something that is not complete yet is held back. */
  push(text: string): string {
    this.#held += text;
    let out = '';
    for (let step = this.#step(); step !== undefined; step = this.#step()) out += step;
    return out;
  }

  end(): string {
    const rest = this.#held;
    this.#held = '';
    return rest;
  }

  #take(length: number): string {
    const taken = this.#held.slice(0, length);
    this.#held = this.#held.slice(length);
    return taken;
  }

  /** The next piece, or undefined when more is needed. */
  #step(): string | undefined {
    if (this.#held === '') return undefined;
    if (this.#until !== undefined) return this.#skip(this.#until);
    const opening = this.#held.indexOf('<');
    if (opening !== 0) return this.#take(opening === -1 ? this.#held.length : opening);
    if (COMMENT_START.startsWith(this.#held.slice(0, COMMENT_START.length))) return this.#comment();
    return this.#tag();
  }

  #skip(until: RegExp): string | undefined {
    const end = until.exec(this.#held);
    if (end !== null) {
      this.#until = undefined;
      return this.#take(end.index + end[0].length);
    }
    // The end may have begun in what is there.
    const length = this.#held.length - LONGEST_END;
    return length <= 0 ? undefined : this.#take(length);
  }

  #comment(): string | undefined {
    if (this.#held.length < COMMENT_START.length) return undefined;
    this.#until = COMMENT_END;
    return this.#take(COMMENT_START.length);
  }

  #tag(): string | undefined {
    const end = tagEnd(this.#held);
    if (end === undefined) return this.#held.length > LONGEST_TAG ? this.#take(1) : undefined;
    const tag = this.#take(end);
    const name = /^<([a-z][a-z0-9]*)/i.exec(tag)?.[1]?.toLowerCase();
    if (name === undefined) return tag;
    if (RAW_TEXT.has(name)) this.#until = new RegExp(`</${name}`, 'i');
    const links = Object.hasOwn(LINKS, name) ? LINKS[name] : undefined;
    return links === undefined ? tag : rewriteTag(tag, links, this.#rewrite);
  }
}

/** Behind the `>` that closes the tag at the start of `text`; quoted values may hold others. */
function tagEnd(text: string): number | undefined {
  let quote = '';
  for (let at = 1; at < text.length; at++) {
    const char = text[at] ?? '';
    if (quote !== '') {
      if (char === quote) quote = '';
    } else if (char === '>') return at + 1;
    else if ((char === '"' || char === "'") && text[at - 1] === '=') quote = char;
  }
  return undefined;
}

const ATTRIBUTE = /\s[a-z-]+=(?:"[^"]*"|'[^']*'|[^\s"'>]+)/gi;
const PARTS = /^(\s([a-z-]+)=)(.*)$/is;

function rewriteTag(tag: string, links: readonly string[], rewrite: RewriteLink): string {
  return tag.replaceAll(ATTRIBUTE, (attribute) => {
    const [, before = '', name = '', value = ''] = PARTS.exec(attribute) ?? [];
    if (!links.includes(name.toLowerCase())) return attribute;
    const quote = /^["']/.exec(value)?.[0] ?? '';
    const url = quote === '' ? value : value.slice(1, -1);
    return `${before}${quote}${rewrite(url)}${quote}`;
  });
}
