import { ownBundle, type MimeBundle } from "./host";
import { isTensor, tensorText } from "./tensor-text";
import { valueText } from "./value-text";

/** How a value is shown: the bundle it brings, or a text. */
export async function bundleOf(value: unknown): Promise<MimeBundle> {
  const bundle = await ownBundle(value);
  if (bundle) return bundle;
  return { "text/plain": isTensor(value) ? await tensorText(value) : valueText(value) };
}
