import { format, resolveConfig } from "prettier";

/** A page's text as the project's formatter leaves it. */
export const formatted = async (path: string, text: string): Promise<string> =>
  format(text, { ...(await resolveConfig(path)), filepath: path });
