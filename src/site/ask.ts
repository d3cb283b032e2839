// ask.ts - questions and answers: streamed, with citations that open the document, how sure the answer is, and what was wrong with it as a test case.

interface Citation extends Place {
    quote: string;
    passage: number;
}

interface Finding {
    abstained: boolean;
    held_back: boolean;
    withheld: boolean;
    confidence: number;
    calibrated: boolean;
    model: string;
    cost: number | null;
    currency?: string;
    entry: number; /* in the audit log */
}

interface Turn {
    room: HTMLElement; /* where it is drawn: another one each time that the screen is opened */
    question: string;
    text: string;
    citations: Citation[];
    finding: Finding | null; /* null: not answered yet, or not at all */
    failure: string;
    ended: boolean; /* nothing of it changes any more: what is drawn may be used */
    took: number;
}

interface Piece {
    choices: { delta: { content?: string; annotations?: { file_citation: Citation }[] } }[];
    assay?: Finding;
}

interface Hit {
    document: string;
    file_id: string;
    title: string;
    headings: string[];
    page: number | null;
    start: number;
    end: number;
    line: number;
    text: string;
    score: number;
}

/* What was asked in this tab; it goes with the tab, or with who signs out. */
let turns: Turn[] = [];
let asking: AbortController | null = null;

const TURNS_NAME = "assay-turns", TURNS_KEPT = 20;

/* Beside the key, so that a page that is loaded anew goes on. */
function keepTurns(): void {
    try {
        sessionStorage.setItem(TURNS_NAME, JSON.stringify(turns.filter((turn) => turn.ended).slice(-TURNS_KEPT).map((turn) => ({ ...turn, room: null }))));
    } catch {
        sessionStorage.removeItem(TURNS_NAME); // no room for it
    }
}

function forgetTurns(): void {
    turns = [];
    sessionStorage.removeItem(TURNS_NAME);
}

function takeTurnsUp(): void {
    try {
        const kept = JSON.parse(sessionStorage.getItem(TURNS_NAME) ?? "[]") as Turn[];
        turns = kept.map((turn) => ({ ...turn, room: element("article", { class: "turn" }) }));
    } catch {
        forgetTurns();
    }
}

const CONVERSATION_TURNS = 8; /* sent along with a question */

function takePiece(turn: Turn, data: string): void {
    const piece = JSON.parse(data) as Piece & { error?: { message?: string } };
    if (piece.error)
        throw new Refusal(500, piece.error.message ?? "the answer broke off");
    for (const choice of piece.choices) {
        turn.text += choice.delta.content ?? "";
        for (const annotation of choice.delta.annotations ?? [])
            turn.citations.push(annotation.file_citation);
    }
    turn.finding = piece.assay ?? turn.finding;
}

async function answerTurn(turn: Turn, before: readonly Turn[], signal: AbortSignal, drawn: () => void): Promise<void> {
    const messages = before.filter((each) => each.finding !== null).slice(-CONVERSATION_TURNS).flatMap((each) =>
        [{ role: "user", content: each.question }, { role: "assistant", content: each.text }]);
    messages.push({ role: "user", content: turn.question });
    const begun = performance.now();
    try {
        const answer = await request("POST", "/v1/chat/completions", { model: "assay", stream: true, messages }, signal);
        await eachEvent(answer, (data) => {
            takePiece(turn, data);
            drawn();
        });
        if (turn.finding === null)
            turn.failure = "The answer broke off before it was whole.";
    } catch (problem) {
        turn.failure = signal.aborted ? "You stopped this question." : reasonOf(problem);
    }
    turn.took = performance.now() - begun;
    if (turn.finding?.abstained && person?.documents === 0)
        await askWho().catch(() => null); // documents may have come since who is signed in was asked
    turn.ended = true;
}

/* ---- one answer ---- */

function citationMark(turn: Turn, number: number): Node | null {
    const citation = turn.citations[number - 1];
    if (!citation)
        return null;
    return element("button", { type: "button", class: "cite", "aria-label": "Source " + number + ": " + named(citation.filename),
        click: () => openSource(citation) }, String(number));
}

/* The words of Markdown: a mark of emphasis or code goes with its other half, one of a heading, item or quote from the beginning of its line. */
function wordsOfMarkdown(text: string): string {
    return text.replace(/^[ \t]*(?:#{1,6}|>|[-*+])[ \t]+/gm, "").replace(/!?\[([^\[\]\n]*)\]\([^()\s]*\)/g, "$1").replace(/(\*\*|`)([^*`\n]+)\1/g, "$2");
}

/* Of a page the words: its tags, and what is cut of one at the ends, are for programs. */
function quoteSaid(citation: Citation): string {
    if (/\.(md|markdown)$/i.test(citation.filename))
        return wordsOfMarkdown(citation.quote);
    return /\.x?html?$/i.test(citation.filename) ? citation.quote.replace(/^[^<>\s]*>|<[a-z/!][^>]*(>|$)/gi, " ").replace(/\s+/g, " ").trim() : citation.quote;
}

function sourceList(turn: Turn): HTMLElement | null {
    if (turn.citations.length === 0)
        return null;
    return element("div", { class: "sources" }, element("h3", {}, "Sources"),
        element("ol", {}, turn.citations.map((citation) => element("li", {},
            element("button", { type: "button", class: "link", click: () => openSource(citation) }, named(citation.filename)),
            placeSaid(citation) !== "" && element("small", {}, " " + placeSaid(citation)),
            element("blockquote", {}, quoteSaid(citation))))));
}

function confidenceSaid(finding: Finding): string {
    if (finding.calibrated)
        return "About " + Math.round(finding.confidence * 100) + " of 100 answers with this confidence are right.";
    return "Not calibrated: the number puts answers in order, and is no share of right ones. Whoever keeps this server can fit it to the test cases (assay calibrate).";
}

/* Below it an answer is told as unsure; from the other one on the bar is that of a sure one. */
const UNSURE_BELOW = 1 / 3, SURE_FROM = 2 / 3;

function confidence(finding: Finding): HTMLElement {
    const shown = finding.calibrated ? percent(finding.confidence) : finding.confidence.toFixed(2);
    return element("div", { class: "confidence" }, element("span", {}, "Confidence"),
        element("meter", { min: 0, max: 1, low: UNSURE_BELOW, high: SURE_FROM, optimum: 1, value: finding.confidence, "aria-label": "Confidence" }, shown), element("b", {}, shown),
        finding.confidence < UNSURE_BELOW && element("b", { class: "badge high" }, "unsure"),
        element("details", {}, element("summary", {}, "What this means"), element("p", {}, confidenceSaid(finding))));
}

function hitItem(hit: Hit): HTMLElement {
    const place: Place = { ...hit, filename: hit.document };
    const trail = hit.headings.join(" \u203a ");
    return element("li", {}, element("button", { type: "button", class: "link", click: () => openSource(place) }, named(shortPath(hit.document))),
        element("small", {}, " " + [placeSaid(place), trail].filter((part) => part !== "").join(" \u00b7 ")),
        element("p", { class: "passage" }, hit.text));
}

/* What the documents have nearest to a question that they do not answer. */
async function showNearest(question: string, room: HTMLElement): Promise<void> {
    fill(room, element("p", { class: "soft" }, "Searching\u2026"));
    try {
        const { results } = await call<{ results: Hit[] }>("POST", "/v1/search", { query: question, k: 3 });
        fill(room, results.length === 0 ? element("p", {}, "Nothing in the documents has words of this question.")
            : element("ol", { class: "hits" }, results.map(hitItem)));
        announce(results.length + " passages found");
    } catch (problem) {
        fill(room, warning(reasonOf(problem)));
    }
}

function abstention(turn: Turn, finding: Finding): HTMLElement {
    if (!person?.documents)
        return element("div", { class: "absent" }, element("h3", {}, "There are no documents yet"),
            element("p", {}, "There is none that you may see, so nothing can be answered", person?.may_write ? [": add some under ", element("a", { href: "#documents" }, "Documents"), "."] : "."));
    const nearest = element("div", { class: "nearest" });
    return element("div", { class: "absent" }, element("h3", {}, "Not in the documents"),
        element("p", {}, finding.held_back ? "An answer was found, and held back: it is less likely to be right than this project demands."
            : finding.withheld ? "The language model wrote an answer, which is left out: nothing of it is borne out by a passage."
            : "No passage that you may see answers this, so there is no answer rather than a guess."),
        button("Show what stands nearest", "plain", () => showNearest(turn.question, nearest)), nearest);
}

function turnBody(turn: Turn): Child[] {
    if (turn.failure !== "")
        return [turn.text !== "" && markup(turn.text, () => null), warning(turn.failure, button("Ask again", "plain", () => ask(turn.question)))];
    const finding = turn.finding;
    if (!turn.ended || finding === null)
        return turn.text === "" ? [element("p", { class: "soft waiting" }, "Reading the documents\u2026")] : markup(turn.text, () => null);
    const made = [finding.model.replace(/^builtin:/, "built in: "), timeSaid(turn.took),
        finding.cost !== null && finding.currency ? moneySaid(finding.cost, finding.currency) : ""];
    return [
        finding.abstained ? abstention(turn, finding)
            : element("div", { class: "text" }, markup(turn.text, (number) => citationMark(turn, number))),
        sourceList(turn), !finding.abstained && confidence(finding),
        element("p", { class: "made" }, made.filter((part) => part !== "").join(" \u00b7 ")), feedback(turn, finding),
    ];
}

/* ---- feedback, which becomes a test case ---- */

function saved(told: { line: number; path: string }): HTMLElement {
    const text = "Saved as a test case: line " + told.line + " of " + told.path + ".";
    announce(text);
    return element("p", { class: "good" }, text + " Measure asks it from now on.");
}

function caseForm(turn: Turn, right: boolean, room: HTMLElement): HTMLElement {
    const abstained = turn.finding?.abstained ?? false;
    const none = element("input", { type: "checkbox", checked: right && abstained });
    const plain = turn.text.replace(/\s*\[\d{1,3}\]/g, "");
    const wanted = element("textarea", { rows: 3, maxlength: 8000 }, right && !abstained ? plain : "");
    const source = element("input", { type: "text", maxlength: 4000, value: pathOf(turn.citations[0]?.file_id ?? ""), autocomplete: "off", spellcheck: false });
    const problem = element("div", {});
    const rest = element("div", {}, field("The answer wanted", wanted, "As short as it can be said: \u201c45 days\u201d."),
        field("The document that proves it", source, "Its path, as the documents list it; may be empty."));
    const shown = (): void => {
        rest.hidden = none.checked;
    };
    const send = async (event: Event): Promise<void> => {
        event.preventDefault();
        const body = none.checked ? { question: turn.question, answer: null, source: null }
            : { question: turn.question, answer: wanted.value.trim(), source: source.value.trim() || null };
        try {
            fill(room, saved(await call("POST", "/v1/cases", body)));
        } catch (reason) {
            fill(problem, warning(reasonOf(reason)));
        }
    };
    none.addEventListener("change", shown);
    shown();
    return element("form", { class: "case-form", submit: send }, element("p", {}, element("b", {}, "A test case: "), turn.question),
        element("div", { class: "check" }, element("label", {}, none, " The documents do not answer this: the right thing is to say so")), rest, problem,
        element("div", { class: "row" }, element("button", { type: "submit", class: "main" }, "Save the test case"),
            button("Cancel", "plain", () => fill(room, feedbackButtons(turn, room)))));
}

function feedbackButtons(turn: Turn, room: HTMLElement): Child[] {
    const open = (right: boolean): void => {
        const form = caseForm(turn, right, room);
        fill(room, form);
        form.querySelector<HTMLElement>(right ? "button" : "textarea, input")?.focus({ preventScroll: true });
        form.scrollIntoView({ block: "nearest" });
    };
    return [element("span", { class: "soft" }, "Was this right?"), button("Right", "plain", () => open(true)), button("Wrong", "plain", () => open(false))];
}

function feedback(turn: Turn, finding: Finding): HTMLElement | null {
    if (!person?.may_write || finding.entry === 0)
        return null;
    const room = element("div", { class: "feedback", role: "group", "aria-label": "Feedback on this answer" });
    fill(room, feedbackButtons(turn, room));
    return room;
}

/* ---- the whole ---- */

function drawTurn(turn: Turn): void {
    turn.room.setAttribute("aria-busy", String(!turn.ended));
    fill(turn.room, element("h2", { class: "question" }, turn.question), turnBody(turn));
}

function ask(question: string): void {
    const list = document.getElementById("turns");
    if (asking !== null || question.trim() === "" || !list)
        return;
    const before = turns.slice();
    const room = element("article", { class: "turn" });
    const turn: Turn = { room, question: question.trim(), text: "", citations: [], finding: null, failure: "", ended: false, took: 0 };
    asking = new AbortController();
    turns.push(turn);
    document.getElementById("hello")?.remove();
    list.append(room);
    drawTurn(turn);
    drawComposer();
    room.scrollIntoView({ block: "start" });
    void answerTurn(turn, before, asking.signal, () => drawTurn(turn)).then(() => {
        asking = null;
        if (turns.includes(turn)) // else somebody signed out, or began anew
            keepTurns();
        drawTurn(turn);
        drawComposer();
        announce(turn.failure !== "" ? "" : turn.finding?.abstained ? (person?.documents ? "Not in the documents" : "There are no documents yet") : "Answer: " + turn.text);
    });
}

function drawComposer(): void {
    const send = document.getElementById("send");
    if (send)
        send.textContent = asking === null ? "Ask" : "Stop";
    const clear = document.getElementById("clear");
    if (clear)
        clear.hidden = turns.length === 0;
}

function composer(): HTMLElement {
    const box = element("textarea", { id: "question", rows: 2, maxlength: 8000, placeholder: "Ask the documents", "aria-label": "Your question" });
    const submit = (event: Event): void => {
        event.preventDefault();
        if (asking !== null) {
            asking.abort();
            return;
        }
        const question = box.value;
        box.value = "";
        ask(question);
        box.focus();
    };
    box.addEventListener("keydown", (event) => {
        if (event.key === "Enter" && !event.shiftKey && !event.isComposing && asking === null)
            submit(event);
    });
    return element("form", { class: "composer", submit }, box, element("button", { type: "submit", class: "main", id: "send" }, "Ask"),
        element("small", {}, "Enter asks, Shift+Enter begins a new line. Every answer is written to the audit log."));
}

function hello(): HTMLElement {
    if ((person?.documents ?? 0) === 0)
        return element("div", { id: "hello" }, firstSteps());
    return element("div", { id: "hello", class: "hello" }, person?.is_admin && firstSteps(), element("p", {}, "Ask in your own words. The answer comes from the " +
        counted(person?.documents ?? 0, "document", "documents") + " that your key may see, and names its sources; where they do not answer, it says so."));
}

function showAsk(main: HTMLElement): void {
    const list = element("div", { id: "turns" }, turns.map((turn) => {
        turn.room = element("article", { class: "turn" });
        drawTurn(turn);
        return turn.room;
    }));
    const clear = button("New conversation", "quiet", () => {
        asking?.abort();
        forgetTurns();
        showScreen();
    });
    clear.id = "clear";
    fill(main, element("div", { class: "ask" }, heading("Ask", ""), clear, turns.length === 0 && hello(), list, composer()));
    drawComposer();
    document.getElementById("question")?.focus({ preventScroll: true });
}
