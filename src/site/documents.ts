// documents.ts - what the project knows: its documents, a search through them, and what the audit finds wrong.

interface Document {
    id: string;
    path: string;
    title: string;
    format: string;
    language: string;
    bytes: number;
    passages: number;
    unit?: string; /* what its passages are, of one document alone */
    unit_reason?: string;
}

interface FindingPlace {
    document: string;
    line: number;
    start: number;
    end: number;
    text: string;
}

interface AuditFinding {
    kind: string;
    severity: string;
    message: string;
    remedy: string;
    places: FindingPlace[];
}

interface Audit {
    documents: number;
    passages: number;
    score: number;
    kinds: Record<string, { findings: number }>; /* how many there are, of which the first stand here */
    findings: AuditFinding[];
}

const LIST_PAGE = 100;
const LIST_SHORT = 20; /* documents that one looks through without being helped */

/* A document's path as the id that routes know it by: base 64 for addresses. */
function fileId(path: string): string {
    const bytes = new TextEncoder().encode(path);
    return "file-" + btoa(String.fromCharCode(...bytes)).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

function pathOf(id: string): string {
    const letters = atob(id.slice("file-".length).replace(/-/g, "+").replace(/_/g, "/"));
    return new TextDecoder().decode(Uint8Array.from(letters, (letter) => letter.charCodeAt(0)));
}

function openDocument(path: string): Promise<void> {
    return openSource({ file_id: fileId(path), filename: path, start: 0, end: 0 }, "passages");
}

/* ---- the list ---- */

/* What was sent lies below folders that the server named: whoever sent it knows the file's name alone. */
function shortPath(path: string): string {
    return path.replace(/^uploads\/[^/]+\/(?:[0-9a-f]{16,}\/)?(?=.)/, "");
}

/* The file that was sent, of which a document is all or a part, as of an archive or a mail; null: it was not sent, or lies in a vector store. */
function sentFile(path: string): string | null {
    return /^uploads\/files\/[^/]+\/[^/]+/.exec(path)?.[0] ?? null;
}

async function forget(file: string, path: string, redraw: () => void): Promise<void> {
    if (!confirm("Remove \u201c" + named(shortPath(file)) + "\u201d? It was sent to the server; its file goes too" + (file === path ? "." : ", with all documents that came in it.")))
        return;
    try {
        await call("DELETE", "/v1/files/" + encodeURIComponent(fileId(file)));
        await askWho();
        redraw();
    } catch (problem) {
        alert(reasonOf(problem));
    }
}

function documentRow(document: Document, redraw: () => void): Child[] {
    const sent = person?.may_write ? sentFile(document.path) : null;
    return [element("button", { type: "button", class: "link", title: named(document.path), click: () => openDocument(document.path) }, named(shortPath(document.path))),
        named(document.title), document.format, document.passages.toLocaleString("en-US"), bytesSaid(document.bytes),
        sent !== null ? element("button", { type: "button", class: "quiet", "aria-label": "Remove " + named(shortPath(document.path)), click: () => forget(sent, document.path, redraw) }, "Remove") : ""];
}

/* Those whose path or title has the words; "": all. `redraw`: when one is gone. */
async function showNamed(room: HTMLElement, words: string, isCurrent: () => boolean, redraw: () => void): Promise<void> {
    const documents: Document[] = [];
    const draw = async (after: string): Promise<void> => {
        const before = documents.length;
        const page = await call<{ data: Document[]; has_more: boolean; last_id: string }>("GET",
            "/v1/documents?limit=" + LIST_PAGE + after + (words === "" ? "" : "&named=" + encodeURIComponent(words)));
        if (!isCurrent())
            return;
        documents.push(...page.data);
        fill(room, documents.length === 0 ? words !== "" && element("p", { class: "soft" }, "No document has this in its name.") :
            table("Documents", ["Path", "Title", "Format", "Passages", "Size", "Action"], documents.map((each) => documentRow(each, redraw))),
            page.has_more && button("Show more", "plain", () => draw("&after=" + encodeURIComponent(page.last_id))));
        if (before > 0)
            focusItem(room, before);
        if (words !== "")
            announce(page.has_more ? "more than " + counted(documents.length, "document", "documents") : counted(documents.length, "document", "documents"));
    };
    try {
        await draw("");
    } catch (problem) {
        if (isCurrent())
            fill(room, warning(reasonOf(problem)));
    }
}

/* Names are looked for while one writes, a moment after the last letter. */
function nameField(show: (words: string) => void): HTMLElement {
    const words = element("input", { type: "search", id: "named", maxlength: 200, autocomplete: "off" });
    let timer = 0;
    words.addEventListener("input", () => {
        clearTimeout(timer);
        timer = window.setTimeout(() => show(words.value.trim()), 200);
    });
    return field("Find a document by its name", words);
}

async function showList(room: HTMLElement): Promise<void> {
    const count = person?.documents ?? 0, rows = element("div", {});
    let asked = 0; /* what was written last is shown, in whatever order answers come */
    const show = (words: string): Promise<void> => {
        const turn = ++asked;
        return showNamed(rows, words, () => turn === asked, () => void showList(room));
    };
    fill(room, count > 0 && element("h2", {}, counted(count, "document", "documents")), count > LIST_SHORT && nameField((words) => void show(words)), rows);
    await show("");
}

/* ---- searching ---- */

function searchForm(): HTMLElement {
    const words = element("input", { type: "search", id: "words", maxlength: 4000, autocomplete: "off" });
    const found = element("div", {});
    let asked = 0; /* what was asked for last is shown, in whatever order answers come */
    const show = async (query: string, turn: number): Promise<void> => {
        try {
            const { results, took_ms } = await call<{ results: Hit[]; took_ms: number }>("POST", "/v1/search", { query, k: 10 });
            const said = counted(results.length, "passage", "passages") + " in " + timeSaid(took_ms);
            if (turn !== asked)
                return;
            fill(found, element("p", { class: "soft" }, said), element("ol", { class: "hits" }, results.map(hitItem)));
            announce(said);
        } catch (problem) {
            if (turn === asked)
                fill(found, warning(reasonOf(problem)));
        }
    };
    const search = (event: Event): void => {
        event.preventDefault();
        const turn = ++asked;
        if (words.value.trim() === "")
            fill(found);
        else
            void show(words.value, turn);
    };
    return element("section", {}, element("form", { class: "search", role: "search", submit: search }, field("Search the passages", words),
        element("button", { type: "submit", class: "plain" }, "Search")), found);
}

/* ---- the audit ---- */

function findingItem(finding: AuditFinding): HTMLElement {
    return element("li", {}, element("p", {}, element("b", { class: "badge " + finding.severity }, finding.kind.replace(/_/g, " ") + ", " + finding.severity),
        " ", finding.message), element("p", { class: "soft" }, "Remedy: ", finding.remedy),
        inParts(finding.places.length, 6, (shown) => element("ul", { class: "places" }, finding.places.slice(0, shown).map((place) => element("li", {},
            element("button", { type: "button", class: "link", click: () => openSource({ ...place, file_id: fileId(place.document), filename: place.document }) }, named(shortPath(place.document))),
            place.line > 0 && element("small", {}, " line " + place.line), place.text !== "" && element("span", { class: "soft" }, " \u201c" + place.text + "\u201d"))))));
}

async function showAudit(room: HTMLElement): Promise<void> {
    fill(room, element("p", { class: "soft waiting" }, "Reading every passage\u2026"));
    try {
        const audit = await call<Audit>("GET", "/v1/audit");
        const count = Object.values(audit.kinds).reduce((sum, kind) => sum + kind.findings, 0), shown = audit.findings.length;
        const said = "Score " + Math.round(audit.score) + " of 100, " + counted(count, "finding", "findings");
        fill(room, element("p", {}, element("b", {}, said), ": " + counted(audit.documents, "document", "documents") + ", " +
            counted(audit.passages, "passage", "passages") + "."), element("ol", { class: "findings" }, audit.findings.map(findingItem)),
            count > shown && element("p", { class: "soft" }, "The first " + shown.toLocaleString("en-US") + " of them; ", element("code", {}, "assay audit"), " lists all."));
        announce(said);
    } catch (problem) {
        fill(room, warning(reasonOf(problem)));
    }
}

function auditSection(): HTMLElement {
    const room = element("div", {});
    return element("section", {}, element("h2", {}, "Audit"),
        element("p", { class: "soft" }, "What is wrong with the documents: duplicates, contradictions, stale dates, passages that no question finds; and what helps."),
        button("Audit the documents", "plain", () => showAudit(room)), room);
}

function drawDocuments(main: HTMLElement): void {
    const list = element("section", {});
    const any = (person?.documents ?? 0) > 0;
    const redraw = (): void => {
        if (list.isConnected && !any && (person?.documents ?? 0) > 0)
            drawDocuments(main);
        else if (list.isConnected)
            void showList(list);
    };
    fill(main, heading("Documents", "What answers come from, as far as your key may see it."), !any && firstSteps(),
        person?.may_write && dropRoom(redraw), any && searchForm(), any && person?.is_admin && auditSection(), list);
    void showList(list);
}

function showDocuments(main: HTMLElement): void {
    forgetSent();
    drawDocuments(main);
}
