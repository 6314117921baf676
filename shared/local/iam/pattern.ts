const cache = new Map<string, RegExp>();

/** IAM's wildcards: `*` for any text, `?` for one character. */
export function matchesPattern(pattern: string, text: string): boolean {
  let expression = cache.get(pattern);
  if (expression === undefined) {
    const source = pattern
      .replace(/[.+^${}()|[\]\\]/g, "\\$&")
      .replaceAll("*", ".*")
      .replaceAll("?", ".");
    expression = new RegExp(`^${source}$`, "s");
    cache.set(pattern, expression);
  }
  return expression.test(text);
}

/** Action names do not depend on case. */
export function matchesAction(pattern: string, action: string): boolean {
  return matchesPattern(pattern.toLowerCase(), action.toLowerCase());
}

/** In an ARN pattern a wildcard stays within its part between colons; the sixth part takes the rest. */
export function matchesArn(pattern: string, arn: string): boolean {
  if (pattern === "*") return true;
  const patterns = arnParts(pattern);
  const parts = arnParts(arn);
  return (
    patterns.length === parts.length && patterns.every((part, at) => matchesPattern(part, parts[at] ?? ""))
  );
}

function arnParts(arn: string): readonly string[] {
  const parts = arn.split(":");
  return parts.length <= 6 ? parts : [...parts.slice(0, 5), parts.slice(5).join(":")];
}

/** Policy variables such as `${aws:username}` are outside the subset. */
export function requireLiteral(text: string, owner: string): void {
  if (text.includes("${"))
    throw new Error(`${owner}: the policy variable in "${text}" is not evaluated here.`);
}
