/** A part of a page that a command writes: it stands between two marks, of which the first names the command. */
export interface WrittenBlock {
  /** Path from the root. */
  readonly page: string;
  readonly name: string;
  readonly command: string;
}

const begin = ({ name, command }: WrittenBlock): string => `<!-- ${name}: written by ${command} -->`;
const END = "<!-- end -->";

/** What a page's text holds between a block's marks. Throws where they are missing. */
export function blockIn(text: string, block: WrittenBlock): string {
  const start = text.indexOf(begin(block));
  const end = text.indexOf(END, start);
  if (start < 0 || end < 0) throw new Error(`${block.page} has no markers for the block "${block.name}".`);
  return text.slice(start + begin(block).length, end).trim();
}

/** A page's text with other content between a block's marks. */
export function withBlock(text: string, block: WrittenBlock, content: string): string {
  const old = blockIn(text, block);
  return text.replace(`${begin(block)}\n\n${old}\n\n${END}`, () => `${begin(block)}\n\n${content}\n\n${END}`);
}
