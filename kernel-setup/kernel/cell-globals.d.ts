/*
 * What every cell may call without importing it. This file is part of each cell's program; it is read where it lies.
 */

/** Asks whoever sits before the notebook, and waits for the answer: `const name = await prompt("Your name? ")`. */
declare function prompt(text?: string): Promise<string>;

/** As `prompt`, without showing what is typed. */
declare function getpass(text?: string): Promise<string>;

/**
 * Installs packages into `node_modules` beside the notebook, with npm: `await install("lodash-es@4")`. Without it:
 * `import x from "npm:lodash-es@4"`.
 */
declare function install(...packages: string[]): Promise<void>;
/** What a view in the browser gets: anywidget's model, and the element to draw into. */
interface WidgetView<S> {
  model: {
    get<K extends keyof S>(name: K): S[K];
    set<K extends keyof S>(name: K, value: S[K]): void;
    save_changes(): void;
    on(event: string, listener: () => void): void;
    off(event: string, listener: () => void): void;
  };
  /** Its document is `el.ownerDocument`: cells themselves know no browser. */
  el: HTMLElement;
}

interface WidgetOf<S> {
  /** As it is now, in the kernel and in all views. */
  readonly state: S;
  /** Changes a part of it, in all views too. */
  set(changes: Partial<S>): void;
  /** Calls back after each change; the result ends that. */
  on(listener: (state: S) => unknown): () => void;
  close(): void;
}

interface ValueWidget<V> {
  value: V;
  on(listener: (state: { value: V }) => unknown): () => void;
  /** Shows what `draw` returns, and again in its place whenever the value changes. */
  redraw(draw: (value: V) => unknown): Promise<void>;
  close(): void;
}

/**
 * Widgets in the browser, where the front end has anywidget. As a cell's last expression one is shown.
 * `widget({ state, render })` makes one of your own: `render` runs in the browser and sees nothing of the cell but
 * `model`, whose properties are those of `state`.
 */
declare const widget: {
  <S extends object>(options: {
    state: S;
    /** May give back what is to be called when the view goes. */
    render: ((view: WidgetView<S>) => unknown) | string;
    css?: string;
  }): WidgetOf<S>;
  /** Default: from 0 to 1 in a hundred steps, at `min`. */
  slider(options?: { label?: string; min?: number; max?: number; step?: number; value?: number }): ValueWidget<number>;
  /** Default: the first option. */
  dropdown<const T extends string>(options: { label?: string; options: readonly T[]; value?: T }): ValueWidget<T>;
  /** Its value is how often it was clicked. */
  button(options?: { label?: string }): ValueWidget<number>;
};
