// sending.ts - files on their way: how much of each has gone, how far the server has come with it, and what came of it. Who goes to another part
// of the page and comes back finds them as they are now.

interface Sent {
    id: string;
    status: "in_progress" | "completed" | "failed" | "cancelled";
    last_error: { message: string } | null;
    assay?: { stage: string; done: number; total: number }; /* how far the server has come with what it does now */
}

const NOT_SENT = "stopped: it was not sent", NOTHING_FOUND = "nothing in it can be searched: there is no text that can be read";
const STORE = "/v1/vector_stores/vs_documents/files";

/* A line of the list: a file's name, what happens to it, and a bar while it does. */
interface SentRow {
    item: HTMLElement;
    tell: (text: string, share: number | null) => void; /* it goes on */
    end: (text: string, kind: "good" | "bad") => void;
    stopped: AbortSignal; /* the person wants it no more, or has signed out */
    whole: () => void; /* the server has it: there is nothing to stop any more */
}

function sentRow(file: string, signedOut: AbortSignal): SentRow {
    const name = named(file);
    const state = element("span", { class: "soft" }, "waits"), bar = element("progress", {});
    const stop = element("button", { type: "button", class: "quiet", "aria-label": "Stop sending " + name }, "Stop"), stopper = new AbortController();
    bar.hidden = true;
    stop.addEventListener("click", () => stopper.abort());
    signedOut.addEventListener("abort", () => stopper.abort());
    return {
        item: element("li", {}, element("b", {}, name), " ", state, " ", stop, bar),
        stopped: stopper.signal,
        whole: () => stop.remove(),
        tell: (text, share) => {
            state.textContent = text;
            bar.hidden = false;
            setBar(bar, name + ": " + text.replace(/,? \d.*/, ""), share);
            announceProgress(name + ": " + text);
        },
        end: (text, kind) => {
            state.textContent = text;
            state.className = kind;
            bar.remove();
            stop.remove();
        },
    };
}

/* Sends a file for a purpose; the answer is its id. */
async function sendFile(file: File, purpose: string, row: SentRow): Promise<string> {
    const form = new FormData();
    form.append("purpose", purpose);
    form.append("file", file);
    const tell = (share: number): void => {
        if (share >= 1)
            row.whole();
        row.tell(share < 1 ? "is sent, " + Math.floor(100 * share) + "\u202f% of " + bytesSaid(file.size) : "is written down", share < 1 ? share : null);
    };
    tell(0);
    await file.slice(0, 1).arrayBuffer().catch(() => {
        throw new Refusal(0, "it cannot be read here: of a folder its files are sent, and a file may have been changed or removed since it was chosen");
    });
    const { id } = await (await sendForm("/v1/files", form, tell, row.stopped)).json() as { id: string };
    row.whole();
    return id;
}

/* ---- into the documents ---- */

let sentList = element("ul", { class: "sent", "aria-label": "Files sent" });
let sending = new AbortController(); /* aborted: nobody waits for what is under way */
let underWay = 0;
let whenSent: () => void = () => undefined; /* draws the documents anew, where they are shown now */

/* The person has signed out: what the server has not got whole is not sent. */
function stopSending(): void {
    sending.abort();
    sending = new AbortController();
    sentList = element("ul", { class: "sent", "aria-label": "Files sent" });
    underWay = 0;
}

function tellTakingIn(row: SentRow, sent: Sent): void {
    const { stage, done, total } = sent.assay ?? { stage: "", done: 0, total: 0 };
    const counts = total > 1 ? ", " + done.toLocaleString("en-US") + " of " + total.toLocaleString("en-US") : "";
    row.tell(stage === "" ? "waits until the server takes it in" : stage + counts, total > 1 ? done / total : null);
}

/* Makes a document of a file, and waits until it can be searched. Null: it can be; else why not. */
async function takeIn(id: string, row: SentRow, signal: AbortSignal): Promise<string | null> {
    let sent = await call<Sent>("POST", STORE, { file_id: id });
    for (let tries = 0; sent.status === "in_progress" && !signal.aborted; tries++) {
        tellTakingIn(row, sent);
        await pause(Math.min(1000, 100 + 50 * tries));
        if (!signal.aborted)
            sent = await call<Sent>("GET", STORE + "/" + encodeURIComponent(sent.id));
    }
    return sent.status === "completed" ? null : sent.last_error?.message ?? sent.status;
}

/* Files that were sent by the names that the person knows, and not by their places at the server. */
function byName(message: string): string {
    return message.replace(/"[^"]*uploads\/files\/[0-9a-f]+\/([^"]*)"/g, "\u201c$1\u201d");
}

/* What came of a file that was taken in, as this key sees it: an archive may hold nothing that can be read, and a document is for who has its label. */
async function foundOf(id: string): Promise<string> {
    const folder = pathOf(id).replace(/[^/]*$/, "");
    const { data } = await call<{ data: Document[] }>("GET", "/v1/documents?limit=100&after=" + fileId(folder));
    const own = data.filter((document) => document.path.startsWith(folder)); // of an archive its members, not all with text
    if (own.some((document) => document.passages > 0))
        return "can be searched";
    return own.length > 0 || person?.is_admin ? NOTHING_FOUND : "was taken in; your key sees nothing of it";
}

async function sendDocument(file: File, row: SentRow, signal: AbortSignal): Promise<boolean> {
    let why: string | null, found = "";
    try {
        const id = row.stopped.aborted ? "" : await sendFile(file, "assistants", row);
        why = id === "" ? NOT_SENT : await takeIn(id, row, signal);
        if (why === null)
            found = await foundOf(id);
        if (found === NOTHING_FOUND)
            why = found;
    } catch (problem) {
        why = row.stopped.aborted ? NOT_SENT : reasonOf(problem);
    }
    why = why !== null ? byName(why) : null;
    row.end(why ?? found, why === null ? "good" : "bad");
    return why === null;
}

async function sendDocuments(files: readonly File[]): Promise<void> {
    const { signal } = sending;
    const rows = files.map((file) => sentRow(file.name, signal));
    let good = 0;
    sentList.append(...rows.map((row) => row.item));
    announce("Sending " + counted(files.length, "file", "files"));
    underWay++;
    for (const [i, row] of rows.entries())
        if (!signal.aborted && await sendDocument(files[i]!, row, signal))
            good++;
    if (signal.aborted)
        return;
    underWay--;
    announce(counted(good, "file", "files") + " can be searched" + (good < files.length ? ", " + counted(files.length - good, "file", "files") + " could not be taken in" : ""));
    await askWho().catch(() => undefined); // signed out, or not reached: what is drawn then says so
    if (!signal.aborted)
        whenSent();
}

/* What became of files that were sent before was read, where nothing is under way. */
function forgetSent(): void {
    if (underWay === 0)
        fill(sentList);
}

function dropRoom(done: () => void): HTMLElement {
    const input = element("input", { type: "file", multiple: true, id: "files", class: "unseen" });
    const take = (files: FileList | null | undefined): void => {
        if (files && files.length > 0)
            void sendDocuments(Array.from(files));
    };
    whenSent = done;
    input.addEventListener("change", () => {
        take(input.files);
        input.value = "";
    });
    const room = element("div", { class: "drop" }, input, element("label", { for: "files" }, element("b", {}, "Add documents"),
        element("span", {}, " Drop files here, or choose them: PDF, Word, Markdown, HTML, text, CSV, mail, archives\u2026")), sentList);
    room.addEventListener("dragover", (event) => {
        event.preventDefault();
        room.classList.add("over");
    });
    room.addEventListener("dragleave", () => room.classList.remove("over"));
    room.addEventListener("drop", (event) => {
        event.preventDefault();
        room.classList.remove("over");
        take(event.dataTransfer?.files);
    });
    return room;
}
