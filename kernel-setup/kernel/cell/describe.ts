// What a name is, for people: its signature, its documentation, and the tags of that by name.
import type { JSDocTagInfo, QuickInfo, SymbolDisplayPart } from "typescript";

const joined = (parts: readonly SymbolDisplayPart[] = []): string => parts.map(({ text }) => text).join("");

/** The description as Markdown, and as text for a terminal. */
export function describe({ displayParts, documentation, tags = [] }: QuickInfo): Record<string, string> {
  const signature = joined(displayParts);
  const words = unlinked(joined(documentation)).trim();
  const markdown = ["```typescript\n" + signature + "\n```", words, ...tagged(tags, markdownTag)];
  const plain = [signature, withoutFences(words), ...tagged(tags, plainTag)];
  const text = (parts: string[]): string => parts.filter(Boolean).join("\n\n");
  return { "text/markdown": text(markdown), "text/plain": text(plain) };
}

/** Tags of a kind stand together, those of parameters first. */
function tagged(tags: readonly JSDocTagInfo[], write: (tag: Tag) => string): string[] {
  const all = tags.map(read);
  const parameters = all.filter(({ name }) => name === "param").map(write);
  const others = all.filter(({ name }) => name !== "param").map(write);
  return [parameters.join("\n"), others.join("\n\n")];
}

interface Tag {
  name: string;
  /** Of a parameter its name, of an error its type. */
  subject: string;
  text: string;
}

function read({ name, text = [] }: JSDocTagInfo): Tag {
  const whole = joined(text).trim();
  const first = text[0]?.kind;
  if (first === "parameterName" || first === "typeParameterName")
    return {
      name,
      subject: text[0].text,
      text: unlinked(joined(text.slice(1)))
        .trim()
        .replace(/^-\s*/, ""),
    };
  const typed = name === "throws" || name === "exception" ? /^\{([^}]*)\}\s*([^]*)$/.exec(whole) : null;
  return typed ? { name, subject: typed[1], text: unlinked(typed[2]) } : { name, subject: "", text: unlinked(whole) };
}

function markdownTag({ name, subject, text }: Tag): string {
  if (name === "example") return `**@example**\n\n${text.includes("```") ? text : "```typescript\n" + text + "\n```"}`;
  const words = text && ` — ${text}`;
  return `${name === "param" ? "- " : ""}**@${name}**${subject && ` \`${subject}\``}${words}`;
}

function plainTag({ name, subject, text }: Tag): string {
  const words = withoutFences(text);
  if (name === "example") return `@example\n${words}`;
  return `@${name}${subject && ` ${subject}`}${words && ` — ${words}`}`;
}

const withoutFences = (text: string): string => text.replace(/^\s*```.*\n?/gm, "").trimEnd();

/** `{@link target text}` as text. */
const unlinked = (text: string): string =>
  text.replace(
    /\{@link(?:code|plain)?\s+([^\s|}]+)(?:\s*\|\s*|\s+)?([^}]*)\}/g,
    (_all, target: string, words: string) =>
      /^https?:/.test(target) ? `[${words.trim() || target}](${target})` : words.trim() || `\`${target}\``,
  );
