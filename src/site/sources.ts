// sources.ts - a document in a dialog: its text, with a place of it marked and in view; and the passages that it was cut into, as searches find them.

interface Place {
    file_id: string;
    filename: string;
    start: number; /* bytes; equal to end: the document as a whole */
    end: number;
    page?: number | null;
    line?: number;
}

const AROUND = 30000; /* bytes shown before and behind a place, until more is asked for */

/* `at`, moved to where a character of UTF-8 begins. */
function characterAt(bytes: Uint8Array, at: number): number {
    let moved = Math.min(Math.max(0, at), bytes.length);
    while (moved > 0 && moved < bytes.length && ((bytes[moved] ?? 0) & 0xc0) === 0x80)
        moved--;
    return moved;
}

function textOf(bytes: Uint8Array, start: number, end: number): string {
    return new TextDecoder().decode(bytes.subarray(start, end));
}

/* The text from `from` to `to`, with what lies between start and end marked. */
function markedText(bytes: Uint8Array, from: number, to: number, start: number, end: number): Child[] {
    if (end <= start)
        return [textOf(bytes, from, to)];
    const spot = element("mark", { tabindex: -1, id: "spot" }, textOf(bytes, start, end));
    return [textOf(bytes, from, start), spot, textOf(bytes, end, to)];
}

function showText(room: HTMLElement, bytes: Uint8Array, place: Place): void {
    const start = characterAt(bytes, place.start), end = characterAt(bytes, Math.max(place.start, place.end));
    const draw = (around: number): void => {
        const from = characterAt(bytes, start - around), to = characterAt(bytes, end + around);
        const more = (): HTMLElement => button("Show the whole document (" + bytesSaid(bytes.length) + ")", "quiet", () => draw(bytes.length));
        fill(room, from > 0 && more(), element("pre", { class: "source", tabindex: 0, "aria-label": "Text of " + named(place.filename) },
            markedText(bytes, from, to, start, end)), to < bytes.length && more());
        const spot = room.querySelector("mark");
        spot?.scrollIntoView({ block: "center" });
        (spot instanceof HTMLElement ? spot : room.querySelector("pre"))?.focus({ preventScroll: spot !== null });
    };
    draw(AROUND);
}

function placeSaid(place: Place): string {
    return place.page ? "page " + place.page : place.line ? "line " + place.line : "";
}

/* ---- the passages ---- */

interface Cut {
    number: number;
    headings: string[];
    page: number | null;
    start: number;
    end: number;
    line: number;
    line_end: number;
    text: string;
}

const CUTS_PAGE = 50;

function cutPlace(cut: Cut): string {
    const lines = cut.line === cut.line_end ? "line " + cut.line : "lines " + cut.line + " to " + cut.line_end;
    return [cut.page !== null && "page " + cut.page, cut.line > 0 && lines, cut.headings.join(" \u203a ")].filter((part) => part !== false && part !== "").join(" \u00b7 ");
}

function cutItem(cut: Cut, open: (cut: Cut) => unknown): HTMLElement {
    const where = cutPlace(cut);
    return element("li", {}, element("h3", {}, element("button", { type: "button", class: "link", title: "Show it in the text", click: () => open(cut) }, "Passage " + cut.number.toLocaleString("en-US"))),
        where !== "" && element("p", { class: "soft" }, where), element("div", { class: "cut" }, cut.text));
}

function cutSaid(about: Document): string {
    return counted(about.passages, "passage", "passages") + (about.unit ? ", cut by " + about.unit + (about.unit_reason ? " (" + about.unit_reason + ")" : "") : "")
        + (about.passages === 0 ? ". Nothing of it can be found." : about.passages === 1 ? ". A search finds it, and an answer is given from it, as it stands here."
            : ". A search finds these, and an answer is given from the best of them.");
}

/* All of the document's passages, some at a time. */
async function showCuts(room: HTMLElement, id: string, open: (cut: Cut) => unknown): Promise<void> {
    const address = "/v1/documents/" + encodeURIComponent(id), list = element("ol", { class: "cuts" }), rest = element("div", {});
    const draw = async (after: string): Promise<HTMLElement | undefined> => {
        const page = await call<{ data: Cut[]; has_more: boolean; last_id: string }>("GET", address + "/passages?limit=" + CUTS_PAGE + after);
        const items = page.data.map((cut) => cutItem(cut, open));
        list.append(...items);
        fill(rest, page.has_more && button("Show more", "plain", async () => {
            const first = await draw("&after=" + encodeURIComponent(page.last_id)).catch((problem) => void fill(rest, warning(reasonOf(problem))));
            first?.querySelector("button")?.focus();
        }));
        return items[0];
    };
    const [about] = await Promise.all([call<Document>("GET", address), draw("")]);
    fill(room, element("p", { class: "soft" }, cutSaid(about)), list, rest);
}

/* ---- the dialog ---- */

type View = "text" | "passages";

interface Drawer {
    dialog: HTMLDialogElement;
    room: HTMLElement;
    where: HTMLElement;
    choices: Record<View, HTMLButtonElement>;
}

function makeDrawer(title: string, choose: (view: View) => void): Drawer {
    const room = element("div", { class: "source-room" }), where = element("p", { class: "soft" });
    const choices = { text: button("Text", "plain", () => choose("text")), passages: button("Passages", "plain", () => choose("passages")) };
    const dialog: HTMLDialogElement = element("dialog", { class: "drawer", "aria-labelledby": "drawer-title", close: () => dialog.remove() },
        element("header", {}, element("h2", { id: "drawer-title" }, title), where,
            element("div", { class: "row views", role: "group", "aria-label": "What is shown" }, choices.passages, choices.text),
            button("Close", "plain", () => dialog.close())), room);
    dialog.addEventListener("click", (event) => event.target === dialog && event.detail < 2 && dialog.close()); // a double click has opened it with its first
    return { dialog, room, where, choices };
}

async function openSource(place: Place, first: View = "text"): Promise<void> {
    let shown = 0; /* what was asked for later is shown */
    let bytes: Uint8Array | null = null;
    const address = "/v1/documents/" + encodeURIComponent(place.file_id) + "/content";
    const showView = async (view: View, at: Place): Promise<void> => {
        const turn = ++shown, fresh = element("div", { class: "source-view" });
        drawer.where.textContent = view === "text" ? placeSaid(at) : "";
        for (const name of ["text", "passages"] as const)
            drawer.choices[name].setAttribute("aria-pressed", String(name === view));
        drawer.room.setAttribute("aria-busy", "true");
        try {
            if (view === "text")
                bytes ??= new Uint8Array(await (await request("GET", address)).arrayBuffer());
            else
                await showCuts(fresh, place.file_id, (cut) => showView("text", { ...place, ...cut }));
        } catch (problem) {
            fill(fresh, warning(reasonOf(problem)));
        }
        if (turn !== shown)
            return;
        fill(drawer.room, fresh);
        if (view === "text" && bytes !== null)
            showText(fresh, bytes, at);
        drawer.room.scrollTop = view === "text" ? drawer.room.scrollTop : 0;
        drawer.room.removeAttribute("aria-busy");
    };
    const drawer = makeDrawer(named(place.filename), (view) => void showView(view, place));
    fill(drawer.room, element("p", { class: "soft" }, "Opening\u2026"));
    document.body.append(drawer.dialog);
    drawer.dialog.showModal();
    await showView(first, place);
}
