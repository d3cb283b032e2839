// markup.ts - an answer's Markdown as elements: paragraphs, lists, tables, code, emphasis, and marks of citations. Links, images and HTML stay the
// text that they are: an answer may repeat what stands in a document, and a document must not be able to make a page ask any address.

type Mark = (number: number) => Node | null;

const SPANS = /`([^`\n]+)`|\*\*([^*\n]+)\*\*|\*([^*\s][^*\n]*)\*|\[(\d{1,3})\](?![([])/g;

function inline(text: string, mark: Mark): Child[] {
    const parts: Child[] = [];
    let at = 0;
    for (const found of text.matchAll(SPANS)) {
        const [whole, code, strong, soft, number] = found;
        const made = code !== undefined ? element("code", {}, code)
            : strong !== undefined ? element("strong", {}, inline(strong, mark))
            : soft !== undefined ? element("em", {}, inline(soft, mark))
            : mark(Number(number));
        if (made === null)
            continue;
        parts.push(text.slice(at, found.index), made);
        at = found.index + whole.length;
    }
    parts.push(text.slice(at));
    return parts;
}

const cellsOf = (line: string): string[] => line.trim().replace(/^\||\|$/g, "").split("|").map((cell) => cell.trim());

/* The lines from `at` on that fit, and where the next one is. */
function taken(lines: readonly string[], at: number, fits: (line: string) => boolean): [string[], number] {
    let end = at;
    while (end < lines.length && fits(lines[end] ?? ""))
        end++;
    return [lines.slice(at, end), end];
}

const ITEM = /^\s*(?:[-*+]|\d{1,3}[.)])\s+/;
const isTable = (lines: readonly string[], at: number): boolean =>
    /^\s*\|.*\|\s*$/.test(lines[at] ?? "") && /^\s*\|[\s:|-]+\|\s*$/.test(lines[at + 1] ?? "");
const isPlain = (lines: readonly string[], at: number): boolean =>
    (lines[at] ?? "").trim() !== "" && !/^\s*(```|#{1,6}\s|>)/.test(lines[at] ?? "") && !ITEM.test(lines[at] ?? "") && !isTable(lines, at);

function tableOf(rows: readonly string[], mark: Mark): HTMLElement {
    const [head, , ...body] = rows.map(cellsOf);
    return element("div", { class: "wide", tabindex: 0, role: "region", "aria-label": "A table of the answer" }, element("table", {},
        element("thead", {}, element("tr", {}, (head ?? []).map((cell) => element("th", { scope: "col" }, inline(cell, mark))))),
        element("tbody", {}, body.map((row) => element("tr", {}, row.map((cell) => element("td", {}, inline(cell, mark))))))));
}

/* One block that begins at `at`, and where the next one may. */
function block(lines: readonly string[], at: number, mark: Mark): [HTMLElement, number] {
    const line = lines[at] ?? "";
    const level = /^\s*(#{1,6})\s+(.*)$/.exec(line);
    if (/^\s*```/.test(line)) {
        const [code, end] = taken(lines, at + 1, (each) => !/^\s*```/.test(each));
        return [element("pre", { tabindex: 0 }, element("code", {}, code.join("\n"))), end + 1];
    }
    if (level)
        return [element("p", { class: "title" }, element("strong", {}, inline(level[2] ?? "", mark))), at + 1];
    if (isTable(lines, at)) {
        const [rows, end] = taken(lines, at, (each) => each.includes("|"));
        return [tableOf(rows, mark), end];
    }
    if (/^\s*>/.test(line)) {
        const [quoted, end] = taken(lines, at, (each) => /^\s*>/.test(each));
        return [element("blockquote", {}, inline(quoted.map((each) => each.replace(/^\s*>\s?/, "")).join("\n"), mark)), end];
    }
    if (ITEM.test(line)) {
        const [items, end] = taken(lines, at, (each) => ITEM.test(each) || /^\s{2,}\S/.test(each));
        const whole: string[] = [];
        for (const item of items)
            if (ITEM.test(item) || whole.length === 0)
                whole.push(item.replace(ITEM, ""));
            else
                whole.push(whole.pop() + " " + item.trim());
        return [element(/^\s*\d/.test(line) ? "ol" : "ul", {}, whole.map((item) => element("li", {}, inline(item, mark)))), end];
    }
    let end = at + 1;
    while (end < lines.length && isPlain(lines, end))
        end++;
    return [element("p", {}, inline(lines.slice(at, end).join("\n"), mark)), end];
}

function markup(text: string, mark: Mark): HTMLElement[] {
    const lines = text.replace(/\r\n?/g, "\n").split("\n");
    const blocks: HTMLElement[] = [];
    for (let at = 0; at < lines.length;)
        if ((lines[at] ?? "").trim() === "") {
            at++;
        } else {
            const [made, next] = block(lines, at, mark);
            blocks.push(made);
            at = next;
        }
    return blocks;
}
