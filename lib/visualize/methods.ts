import type { AnySchema } from "../core/options";
import { classVisualization, classVisualizationOptions } from "./class-visualization";
import { maximize, maximizeOptions } from "./maximize";

export interface VisualizeMethod {
  /** The method itself; it checks what it is given. */
  readonly visualize: typeof classVisualization | typeof maximize;
  /** Its options: what each may be, its default, a line of help. */
  readonly options: AnySchema;
}

/** Kebab-case name → visualization. */
export const visualizeMethods = {
  "class-visualization": { visualize: classVisualization, options: classVisualizationOptions },
  maximize: { visualize: maximize, options: maximizeOptions },
} satisfies Record<string, VisualizeMethod>;
