import { SpineError } from "#core/errors.ts";

/** An address that is known before any view is: `http` or `https`, without a name and password in it. Throws `setting.invalid`. */
export function fixedUrl(url: string | URL): URL {
  const parsed = URL.canParse(String(url)) ? new URL(String(url)) : undefined;
  const usable =
    parsed !== undefined &&
    (parsed.protocol === "https:" || parsed.protocol === "http:") &&
    parsed.username === "" &&
    parsed.password === "";
  if (usable) return parsed;
  throw new SpineError("setting.invalid", "The address of a remote agent is not usable.", {
    problems: [
      {
        field: "url",
        problem: "is no http or https address without a user",
        repair: "Write the whole address, and pass what authorizes the request in headers.",
      },
    ],
  });
}
