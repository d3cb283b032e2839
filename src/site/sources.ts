// sources.ts - a document at a place, in a dialog: the text that places count in, with the place marked and in view.

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
        fill(room, from > 0 && more(), element("pre", { class: "source", tabindex: 0, "aria-label": "Text of " + place.filename },
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

async function openSource(place: Place): Promise<void> {
    const room = element("div", { class: "source-room", "aria-busy": true }, element("p", { class: "soft" }, "Opening\u2026"));
    const where = placeSaid(place);
    const dialog: HTMLDialogElement = element("dialog", { class: "drawer", "aria-labelledby": "drawer-title", close: () => dialog.remove() },
        element("header", {}, element("h2", { id: "drawer-title" }, place.filename), where !== "" && element("p", { class: "soft" }, where),
            button("Close", "plain", () => dialog.close())), room);
    dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
    document.body.append(dialog);
    dialog.showModal();
    try {
        const answer = await request("GET", "/v1/documents/" + encodeURIComponent(place.file_id) + "/content");
        showText(room, new Uint8Array(await answer.arrayBuffer()), place);
    } catch (problem) {
        fill(room, warning(reasonOf(problem)));
    }
    room.removeAttribute("aria-busy");
}
