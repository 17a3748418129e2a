/**
 * The browser's document, as far as the page uses it. By hand, because the
 * library of types that has it would be there for the whole program, and a
 * broker must not take itself for a page.
 *
 * @module
 */

/** What happened to an element. */
export interface UiEvent {
  /** A key's name, where it was one. */
  readonly key?: string;
  /** Where the pointer was, from the window's left. */
  readonly clientX?: number;
  /** Keeps the browser from doing what it does by itself. */
  preventDefault(): void;
}

/** An element; what only some kinds of it have is there for all. */
export interface El {
  id: string;
  className: string;
  hidden: boolean;
  textContent: string | null;
  value: string;
  checked: boolean;
  disabled: boolean;
  scrollLeft: number;
  readonly firstElementChild: El | null;
  readonly lastElementChild: El | null;
  readonly nextElementSibling: El | null;
  readonly childElementCount: number;
  append(...children: readonly (El | string)[]): void;
  prepend(...children: readonly (El | string)[]): void;
  insertBefore(child: El, before: El | null): void;
  replaceChildren(...children: readonly (El | string)[]): void;
  remove(): void;
  setAttribute(name: string, value: string): void;
  removeAttribute(name: string): void;
  getAttribute(name: string): string | null;
  addEventListener(kind: string, heard: (event: UiEvent) => void): void;
  focus(): void;
  getBoundingClientRect(): { left: number; width: number };
  /** Of a dialog. */
  showModal(): void;
  /** Of a dialog. */
  close(): void;
}

/** The document. */
export interface Doc {
  title: string;
  readonly documentElement: El;
  readonly body: El;
  createElement(tag: string): El;
  createElementNS(space: string, tag: string): El;
}
