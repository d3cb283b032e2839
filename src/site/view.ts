// view.ts - elements, made from what they are; every text becomes a text node. Nothing of the page is ever made from markup.

type Child = Node | string | null | undefined | false | readonly Child[];
type Attributes = Record<string, string | number | boolean | ((event: never) => unknown)>;

function addChild(parent: Node, child: Child): void {
    if (child === null || child === undefined || child === false)
        return;
    if (child instanceof Node)
        parent.appendChild(child);
    else if (typeof child === "string")
        parent.appendChild(document.createTextNode(child));
    else
        child.forEach((each) => addChild(parent, each));
}

/* What takes its time is not begun again before it has ended: a double click is one. What goes wrong is told behind what was pressed. */
function oneAtATime(act: (event: Event) => unknown): (event: Event) => void {
    let isBusy = false, told: HTMLElement | null = null;
    return (event) => {
        if (isBusy) {
            event.preventDefault();
            return;
        }
        const made = act(event), pressed = event.currentTarget;
        told?.remove();
        if (made instanceof Promise) {
            isBusy = true;
            void made.catch((problem) => {
                told = warning(reasonOf(problem));
                if (pressed instanceof Element)
                    pressed.after(told);
            }).finally(() => {
                isBusy = false;
            });
        }
    };
}

/* A function is what happens at the event of that name; true is an attribute without a value, false is none. */
function element<K extends keyof HTMLElementTagNameMap>(tag: K, attributes: Attributes, ...children: Child[]): HTMLElementTagNameMap[K] {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes))
        if (typeof value === "function")
            made.addEventListener(name, oneAtATime(value as (event: Event) => unknown));
        else if (value !== false)
            made.setAttribute(name, value === true ? "" : String(value));
    addChild(made, children);
    return made;
}

/* Puts these first, in the place of what the parent has but does not keep. Where that had the focus, the parent gets it: whoever works by keys goes on
 * from there. */
function putFirst(parent: HTMLElement, keeps: (child: HTMLElement) => boolean, ...children: Child[]): void {
    const focused = parent !== document.activeElement && parent.contains(document.activeElement), made = document.createDocumentFragment();
    for (const child of Array.from(parent.childNodes))
        if (!(child instanceof HTMLElement && keeps(child)))
            child.remove();
    addChild(made, children);
    parent.prepend(made);
    if (!focused || parent.contains(document.activeElement))
        return;
    if (!parent.hasAttribute("tabindex"))
        parent.tabIndex = -1;
    parent.focus({ preventScroll: true });
}

/* The same in the place of all of it. */
function fill(parent: HTMLElement, ...children: Child[]): void {
    putFirst(parent, () => false, children);
}

let saidAt = 0; /* by the clock of the page */

/* For who does not see the page. */
function announce(text: string): void {
    const said = document.getElementById("said");
    saidAt = performance.now();
    if (said)
        said.textContent = text;
}

const SAY_EVERY = 5000; /* ms */

/* The same of what changes all the time: said now and then. */
function announceProgress(text: string): void {
    if (performance.now() - saidAt >= SAY_EVERY)
        announce(text);
}

/* How far something has come, 0 to 1; null: nobody knows. The bar's own element stays while it grows. */
function setBar(bar: HTMLProgressElement, label: string, share: number | null): void {
    bar.setAttribute("aria-label", label);
    bar.max = 100;
    if (share === null)
        bar.removeAttribute("value");
    else
        bar.value = Math.floor(100 * share);
}

function heading(title: string, about: string): HTMLElement {
    return element("header", { class: "head" }, element("h1", {}, title), about !== "" && element("p", { class: "about" }, about));
}

function button(label: string, kind: string, act: () => unknown): HTMLButtonElement {
    return element("button", { type: "button", class: kind, click: act }, label);
}

let fieldCount = 0;

/* A control with its label, and a hint below. */
function field(label: string, control: HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement, hint = ""): HTMLElement {
    const id = control.id || "field-" + ++fieldCount;
    control.id = id;
    if (hint !== "")
        control.setAttribute("aria-describedby", id + "-hint");
    return element("div", { class: "field" }, element("label", { for: id }, label), control,
        hint !== "" && element("small", { id: id + "-hint" }, hint));
}

function warning(text: string, ...more: Child[]): HTMLElement {
    return element("div", { class: "warning", role: "alert" }, element("p", {}, text), more);
}

/* A column of actions in which there is none is left out. On a phone, rows of many columns become one below the other, each cell with the name of its column; the
 * roles are said, as an element that is drawn otherwise loses its own. */
function table(caption: string, columns: readonly string[], rows: readonly Child[][], stacks = columns.length > 3): HTMLElement {
    const kept = columns.map((name, i) => name !== "Action" || rows.some((row) => row[i] !== "")), shown = <T>(all: readonly T[]): T[] => all.filter((_, i) => kept[i]);
    const names = shown(columns);
    return element("div", { class: stacks ? "wide stacks" : "wide", role: "region", "aria-label": caption, tabindex: 0 }, element("table", { role: "table" },
        element("caption", {}, caption),
        element("thead", { role: "rowgroup" }, element("tr", { role: "row" }, names.map((name) => element("th", { scope: "col", role: "columnheader" }, name)))),
        element("tbody", { role: "rowgroup" }, rows.map((row) => element("tr", { role: "row" }, shown(row).map((cell, i) =>
            i === 0 ? element("th", { scope: "row", role: "rowheader" }, cell) : element("td", { role: "cell", "data-column": names[i] ?? "" }, cell)))))));
}

/* Some of many, and with each click on the button below so many more, to the last one. */
function inParts(count: number, some: number, draw: (shown: number) => Child): HTMLElement {
    const room = element("div", {});
    const show = (shown: number): void => fill(room, draw(shown), count > shown &&
        button("Show " + Math.min(some, count - shown).toLocaleString("en-US") + " more of " + count.toLocaleString("en-US"), "plain", () => {
            show(shown + some);
            focusItem(room, shown);
        }));
    show(some);
    return room;
}

/* The first of the rows or items that were added to a list: whoever works by keys goes on there. */
function focusItem(room: HTMLElement, index: number): void {
    const item = room.querySelector("tbody, ul, ol")?.children[index];
    if (!(item instanceof HTMLElement))
        return;
    item.tabIndex = -1;
    item.focus({ preventScroll: true });
}

/* A name that somebody else gave: marks that turn its writing round, which disguise an ending, are shown as what they are. */
function named(name: string): string {
    return name.replace(/[\u0000-\u001f\u007f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, (mark) => "\\u" + mark.charCodeAt(0).toString(16).padStart(4, "0"));
}

/* ---- numbers and times as people read them ---- */

function counted(count: number, one: string, many: string): string {
    return count.toLocaleString("en-US") + " " + (count === 1 ? one : many);
}

function percent(share: number): string {
    return (share * 100).toFixed(1).replace(/\.0$/, "") + "\u202f%";
}

function bytesSaid(size: number): string {
    return size < 1024 ? size + " B" : size < 1048576 ? (size / 1024).toFixed(1) + " KiB" : (size / 1048576).toFixed(1) + " MiB";
}

function timeSaid(milliseconds: number): string {
    return milliseconds < 1000 ? Math.round(milliseconds) + " ms" : (milliseconds / 1000).toFixed(1) + " s";
}

function moneySaid(amount: number, currency: string): string {
    const digits = amount >= 100 || amount === 0 ? { maximumFractionDigits: 0 } : { maximumSignificantDigits: 3 };
    return amount.toLocaleString("en-US", digits) + " " + currency;
}

function momentSaid(time: string): string {
    const moment = new Date(time);
    return isNaN(moment.getTime()) ? time : moment.toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });
}
