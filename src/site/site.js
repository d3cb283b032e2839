// Compiled from src/site/*.ts by scripts/page_script; its SHA-256: 3d77865d2e5033663d0bc7543175d4f71d53d84203104caa0e73745d521fa50a
"use strict";
let turns = [];
let asking = null;
const CONVERSATION_TURNS = 8;
function takePiece(turn, data) {
    const piece = JSON.parse(data);
    if (piece.error)
        throw new Refusal(500, piece.error.message ?? "the answer broke off");
    for (const choice of piece.choices) {
        turn.text += choice.delta.content ?? "";
        for (const annotation of choice.delta.annotations ?? [])
            turn.citations.push(annotation.file_citation);
    }
    turn.finding = piece.assay ?? turn.finding;
}
async function answerTurn(turn, before, signal, drawn) {
    const messages = before.filter((each) => each.finding !== null).slice(-CONVERSATION_TURNS).flatMap((each) => [{ role: "user", content: each.question }, { role: "assistant", content: each.text }]);
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
    }
    catch (problem) {
        turn.failure = signal.aborted ? "You stopped this question." : reasonOf(problem);
    }
    turn.took = performance.now() - begun;
}
function citationMark(turn, number) {
    const citation = turn.citations[number - 1];
    if (!citation)
        return null;
    return element("button", { type: "button", class: "cite", "aria-label": "Source " + number + ": " + citation.filename,
        click: () => openSource(citation) }, String(number));
}
function sourceList(turn) {
    if (turn.citations.length === 0)
        return null;
    return element("div", { class: "sources" }, element("h3", {}, "Sources"), element("ol", {}, turn.citations.map((citation) => element("li", {}, element("button", { type: "button", class: "link", click: () => openSource(citation) }, citation.filename), placeSaid(citation) !== "" && element("small", {}, " " + placeSaid(citation)), element("blockquote", {}, citation.quote)))));
}
function confidenceSaid(finding) {
    if (finding.calibrated)
        return "About " + Math.round(finding.confidence * 100) + " of 100 answers with this confidence are right.";
    return "Not calibrated: the number puts answers in order, and is no share of right ones. `assay calibrate` fits it to your test cases.";
}
function confidence(finding) {
    const shown = finding.calibrated ? percent(finding.confidence) : finding.confidence.toFixed(2);
    return element("div", { class: "confidence" }, element("span", {}, "Confidence"), element("meter", { min: 0, max: 1, value: finding.confidence, "aria-label": "Confidence" }, shown), element("b", {}, shown), element("details", {}, element("summary", {}, "What this means"), element("p", {}, confidenceSaid(finding))));
}
function hitItem(hit) {
    const place = { ...hit, filename: hit.document };
    const trail = hit.headings.join(" \u203a ");
    return element("li", {}, element("button", { type: "button", class: "link", click: () => openSource(place) }, hit.document), element("small", {}, " " + [placeSaid(place), trail].filter((part) => part !== "").join(" \u00b7 ")), element("p", { class: "passage" }, hit.text));
}
async function showNearest(question, room) {
    fill(room, element("p", { class: "soft" }, "Searching\u2026"));
    try {
        const { results } = await call("POST", "/v1/search", { query: question, k: 3 });
        fill(room, results.length === 0 ? element("p", {}, "Nothing in the documents has words of this question.")
            : element("ol", { class: "hits" }, results.map(hitItem)));
        announce(results.length + " passages found");
    }
    catch (problem) {
        fill(room, warning(reasonOf(problem)));
    }
}
function abstention(turn, finding) {
    const nearest = element("div", { class: "nearest" });
    return element("div", { class: "absent" }, element("h3", {}, "Not in the documents"), element("p", {}, finding.held_back ? "An answer was found, and held back: it is less likely to be right than this project demands."
        : "No passage that you may see answers this, so there is no answer rather than a guess."), button("Show what stands nearest", "plain", () => showNearest(turn.question, nearest)), nearest);
}
function turnBody(turn) {
    if (turn.failure !== "")
        return [turn.text !== "" && markup(turn.text, () => null), warning(turn.failure, button("Ask again", "plain", () => ask(turn.question)))];
    if (turn.finding === null && turn.text === "")
        return [element("p", { class: "soft waiting" }, "Reading the documents\u2026")];
    if (turn.finding === null)
        return markup(turn.text, () => null);
    const finding = turn.finding;
    const made = [finding.model.replace(/^builtin:/, "built in: "), timeSaid(turn.took),
        finding.cost !== null && finding.currency ? moneySaid(finding.cost, finding.currency) : ""];
    return [
        finding.abstained ? abstention(turn, finding)
            : element("div", { class: "text" }, markup(turn.text, (number) => citationMark(turn, number))),
        sourceList(turn), !finding.abstained && confidence(finding),
        element("p", { class: "made" }, made.filter((part) => part !== "").join(" \u00b7 ")), feedback(turn, finding),
    ];
}
function saved(told) {
    const text = "Saved as a test case: line " + told.line + " of " + told.path + ".";
    announce(text);
    return element("p", { class: "good" }, text + " `assay eval` and `assay decide` measure with it from now on.");
}
function caseForm(turn, right, room) {
    const abstained = turn.finding?.abstained ?? false;
    const none = element("input", { type: "checkbox", checked: right && abstained });
    const plain = turn.text.replace(/\s*\[\d{1,3}\]/g, "");
    const wanted = element("textarea", { rows: 3, maxlength: 8000 }, right && !abstained ? plain : "");
    const source = element("input", { type: "text", maxlength: 4000, value: turn.citations[0]?.filename ?? "", autocomplete: "off", spellcheck: false });
    const problem = element("div", {});
    const rest = element("div", {}, field("The answer wanted", wanted, "As short as it can be said: \u201c45 days\u201d."), field("The document that proves it", source, "Its path, as the documents list it; may be empty."));
    const shown = () => {
        rest.hidden = none.checked;
    };
    const send = async (event) => {
        event.preventDefault();
        const body = none.checked ? { question: turn.question, answer: null, source: null }
            : { question: turn.question, answer: wanted.value.trim(), source: source.value.trim() || null };
        try {
            fill(room, saved(await call("POST", "/v1/cases", body)));
        }
        catch (reason) {
            fill(problem, warning(reasonOf(reason)));
        }
    };
    none.addEventListener("change", shown);
    shown();
    return element("form", { class: "case-form", submit: send }, element("p", {}, element("b", {}, "A test case: "), turn.question), element("div", { class: "check" }, element("label", {}, none, " The documents do not answer this: the right thing is to say so")), rest, problem, element("div", { class: "row" }, element("button", { type: "submit", class: "main" }, "Save the test case"), button("Cancel", "plain", () => fill(room, feedbackButtons(turn, room)))));
}
function feedbackButtons(turn, room) {
    const open = (right) => {
        const form = caseForm(turn, right, room);
        fill(room, form);
        form.querySelector(right ? "button" : "textarea, input")?.focus();
    };
    return [element("span", { class: "soft" }, "Was this right?"), button("Right", "plain", () => open(true)), button("Wrong", "plain", () => open(false))];
}
function feedback(turn, finding) {
    if (!person?.may_write || finding.entry === 0)
        return null;
    const room = element("div", { class: "feedback", role: "group", "aria-label": "Feedback on this answer" });
    fill(room, feedbackButtons(turn, room));
    return room;
}
function drawTurn(turn, room) {
    room.setAttribute("aria-busy", String(turn.finding === null && turn.failure === ""));
    fill(room, element("h2", { class: "question" }, turn.question), turnBody(turn));
}
function ask(question) {
    const list = document.getElementById("turns");
    if (asking !== null || question.trim() === "" || !list)
        return;
    const before = turns.slice();
    const turn = { question: question.trim(), text: "", citations: [], finding: null, failure: "", took: 0 };
    const room = element("article", { class: "turn" });
    asking = new AbortController();
    turns.push(turn);
    document.getElementById("hello")?.remove();
    list.append(room);
    drawTurn(turn, room);
    drawComposer();
    room.scrollIntoView({ block: "start" });
    void answerTurn(turn, before, asking.signal, () => drawTurn(turn, room)).then(() => {
        asking = null;
        drawTurn(turn, room);
        drawComposer();
        announce(turn.failure !== "" ? "" : turn.finding?.abstained ? "Not in the documents" : "Answer: " + turn.text);
    });
}
function drawComposer() {
    const send = document.getElementById("send");
    if (send)
        send.textContent = asking === null ? "Ask" : "Stop";
    const clear = document.getElementById("clear");
    if (clear)
        clear.hidden = turns.length === 0;
}
function composer() {
    const box = element("textarea", { id: "question", rows: 2, maxlength: 8000, placeholder: "Ask the documents", "aria-label": "Your question" });
    const submit = (event) => {
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
    return element("form", { class: "composer", submit }, box, element("button", { type: "submit", class: "main", id: "send" }, "Ask"), element("small", {}, "Enter asks, Shift+Enter begins a new line. Every answer is written to the audit log."));
}
function hello() {
    if ((person?.documents ?? 0) === 0)
        return element("div", { id: "hello" }, firstSteps());
    return element("div", { id: "hello", class: "hello" }, element("p", {}, "Ask in your own words. The answer comes from the " +
        counted(person?.documents ?? 0, "document", "documents") + " that your key may see, and names its sources; where they do not answer, it says so."));
}
function showAsk(main) {
    const list = element("div", { id: "turns" }, turns.map((turn) => {
        const room = element("article", { class: "turn" });
        drawTurn(turn, room);
        return room;
    }));
    const clear = button("New conversation", "quiet", () => {
        asking?.abort();
        turns = [];
        showScreen();
    });
    clear.id = "clear";
    fill(main, element("div", { class: "ask" }, heading("Ask", ""), clear, turns.length === 0 && hello(), list, composer()));
    drawComposer();
    document.getElementById("question")?.focus({ preventScroll: true });
}
const KEY_NAME = "assay.key";
class Refusal extends Error {
    constructor(status, message) {
        super(message);
        this.status = status;
    }
}
let signedOut = () => undefined;
function keyOf() {
    return sessionStorage.getItem(KEY_NAME);
}
function keepKey(key) {
    if (key === null)
        sessionStorage.removeItem(KEY_NAME);
    else
        sessionStorage.setItem(KEY_NAME, key);
}
async function refusalOf(answer) {
    let message = "The server answered with status " + answer.status + ".";
    try {
        const told = await answer.json();
        message = told.error?.message ?? message;
    }
    catch {
    }
    return new Refusal(answer.status, message);
}
async function request(method, path, body, signal) {
    const headers = { Authorization: "Bearer " + (keyOf() ?? "") };
    if (body !== undefined && !(body instanceof FormData))
        headers["Content-Type"] = "application/json";
    const sent = body === undefined || body instanceof FormData ? body : JSON.stringify(body);
    let answer;
    try {
        answer = await fetch(path, { method, headers, body: sent ?? null, signal: signal ?? null, cache: "no-store", credentials: "omit", redirect: "error" });
    }
    catch (problem) {
        if (problem instanceof DOMException && problem.name === "AbortError")
            throw problem;
        throw new Refusal(0, "The server cannot be reached. Is `assay serve` still running?");
    }
    if (answer.ok)
        return answer;
    const refusal = await refusalOf(answer);
    if (answer.status === 401)
        signedOut(refusal.message);
    throw refusal;
}
async function call(method, path, body) {
    return await (await request(method, path, body)).json();
}
function reasonOf(problem) {
    return problem instanceof Error ? problem.message : String(problem);
}
async function eachEvent(answer, take) {
    const reader = answer.body?.getReader();
    const decoder = new TextDecoder();
    let rest = "";
    while (reader) {
        const { done, value } = await reader.read();
        rest += decoder.decode(value, { stream: !done });
        const events = rest.split("\n\n");
        rest = events.pop() ?? "";
        for (const event of events)
            for (const line of event.split("\n"))
                if (line.startsWith("data: ") && line !== "data: [DONE]")
                    take(line.slice(6));
        if (done)
            return;
    }
}
let person = null;
async function askWho() {
    person = await call("GET", "/v1/me");
    return person;
}
const SPANS = /`([^`\n]+)`|\*\*([^*\n]+)\*\*|\*([^*\s][^*\n]*)\*|\[(\d{1,3})\](?![([])/g;
function inline(text, mark) {
    const parts = [];
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
const cellsOf = (line) => line.trim().replace(/^\||\|$/g, "").split("|").map((cell) => cell.trim());
function taken(lines, at, fits) {
    let end = at;
    while (end < lines.length && fits(lines[end] ?? ""))
        end++;
    return [lines.slice(at, end), end];
}
const ITEM = /^\s*(?:[-*+]|\d{1,3}[.)])\s+/;
const isTable = (lines, at) => /^\s*\|.*\|\s*$/.test(lines[at] ?? "") && /^\s*\|[\s:|-]+\|\s*$/.test(lines[at + 1] ?? "");
const isPlain = (lines, at) => (lines[at] ?? "").trim() !== "" && !/^\s*(```|#{1,6}\s|>)/.test(lines[at] ?? "") && !ITEM.test(lines[at] ?? "") && !isTable(lines, at);
function tableOf(rows, mark) {
    const [head, , ...body] = rows.map(cellsOf);
    return element("div", { class: "wide", tabindex: 0, role: "region", "aria-label": "A table of the answer" }, element("table", {}, element("thead", {}, element("tr", {}, (head ?? []).map((cell) => element("th", { scope: "col" }, inline(cell, mark))))), element("tbody", {}, body.map((row) => element("tr", {}, row.map((cell) => element("td", {}, inline(cell, mark))))))));
}
function block(lines, at, mark) {
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
        const whole = [];
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
function markup(text, mark) {
    const lines = text.replace(/\r\n?/g, "\n").split("\n");
    const blocks = [];
    for (let at = 0; at < lines.length;)
        if ((lines[at] ?? "").trim() === "") {
            at++;
        }
        else {
            const [made, next] = block(lines, at, mark);
            blocks.push(made);
            at = next;
        }
    return blocks;
}
const AROUND = 30000;
function characterAt(bytes, at) {
    let moved = Math.min(Math.max(0, at), bytes.length);
    while (moved > 0 && moved < bytes.length && ((bytes[moved] ?? 0) & 0xc0) === 0x80)
        moved--;
    return moved;
}
function textOf(bytes, start, end) {
    return new TextDecoder().decode(bytes.subarray(start, end));
}
function markedText(bytes, from, to, start, end) {
    if (end <= start)
        return [textOf(bytes, from, to)];
    const spot = element("mark", { tabindex: -1, id: "spot" }, textOf(bytes, start, end));
    return [textOf(bytes, from, start), spot, textOf(bytes, end, to)];
}
function showText(room, bytes, place) {
    const start = characterAt(bytes, place.start), end = characterAt(bytes, Math.max(place.start, place.end));
    const draw = (around) => {
        const from = characterAt(bytes, start - around), to = characterAt(bytes, end + around);
        const more = () => button("Show the whole document (" + bytesSaid(bytes.length) + ")", "quiet", () => draw(bytes.length));
        fill(room, from > 0 && more(), element("pre", { class: "source", tabindex: 0, "aria-label": "Text of " + place.filename }, markedText(bytes, from, to, start, end)), to < bytes.length && more());
        const spot = room.querySelector("mark");
        spot?.scrollIntoView({ block: "center" });
        (spot instanceof HTMLElement ? spot : room.querySelector("pre"))?.focus({ preventScroll: spot !== null });
    };
    draw(AROUND);
}
function placeSaid(place) {
    return place.page ? "page " + place.page : place.line ? "line " + place.line : "";
}
async function openSource(place) {
    const room = element("div", { class: "source-room", "aria-busy": true }, element("p", { class: "soft" }, "Opening\u2026"));
    const where = placeSaid(place);
    const dialog = element("dialog", { class: "drawer", "aria-labelledby": "drawer-title", close: () => dialog.remove() }, element("header", {}, element("h2", { id: "drawer-title" }, place.filename), where !== "" && element("p", { class: "soft" }, where), button("Close", "plain", () => dialog.close())), room);
    dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
    document.body.append(dialog);
    dialog.showModal();
    try {
        const answer = await request("GET", "/v1/documents/" + encodeURIComponent(place.file_id) + "/content");
        showText(room, new Uint8Array(await answer.arrayBuffer()), place);
    }
    catch (problem) {
        fill(room, warning(reasonOf(problem)));
    }
    room.removeAttribute("aria-busy");
}
function screens() {
    const all = [
        { name: "ask", title: "Ask", show: showAsk, admin: false },
    ];
    return all.filter((screen) => !screen.admin || person?.is_admin);
}
function firstSteps() {
    return element("section", { class: "steps", "aria-label": "First steps" }, element("h2", {}, "This project has no documents yet"), element("ol", {}, element("li", {}, element("b", {}, "Add documents"), ": put them into the project's folder and run ", element("code", {}, "assay add"), "."), element("li", {}, element("b", {}, "Ask"), " something that they answer, and something that they do not."), element("li", {}, element("b", {}, "Write ten test cases"), ": tell of each answer whether it was right."), element("li", {}, element("b", {}, "Decide"), ": ", element("code", {}, "assay decide"), " measures which approach to build.")));
}
function showSignIn(reason) {
    const main = document.getElementById("main");
    const key = element("input", { type: "password", id: "key", autocomplete: "off", spellcheck: false, required: true, maxlength: 79 });
    const problem = element("div", {}, reason !== "" && warning(reason));
    const submit = async (event) => {
        event.preventDefault();
        keepKey(key.value.trim());
        try {
            await askWho();
            start();
        }
        catch (refusal) {
            keepKey(null);
            fill(problem, warning(reasonOf(refusal)));
            key.focus();
        }
    };
    fill(document.getElementById("tabs") ?? document.body);
    if (main)
        fill(main, element("form", { class: "sign-in", submit }, element("h1", {}, "Sign in"), element("p", { class: "about" }, "With a key of this project. The server showed the first one when it was started first; `assay key add` makes more."), field("Key", key, "Kept in this tab until it is closed."), problem, element("button", { type: "submit", class: "main" }, "Sign in")));
    document.title = "Sign in \u00b7 assay";
    key.focus();
}
function signOut(reason) {
    asking?.abort();
    keepKey(null);
    person = null;
    turns = [];
    showSignIn(reason);
}
function drawTabs(current) {
    const tabs = document.getElementById("tabs");
    if (!tabs)
        return;
    fill(tabs, element("ul", {}, screens().map((screen) => element("li", {}, element("a", screen.name === current ? { href: "#" + screen.name, "aria-current": "page" } : { href: "#" + screen.name }, screen.title)))), element("div", { class: "who" }, element("span", { title: "The key that you signed in with" }, person?.name ?? ""), button("Sign out", "quiet", () => signOut(""))));
    const brand = document.getElementById("brand");
    if (brand)
        brand.textContent = person?.project ?? "assay";
}
function showScreen() {
    const main = document.getElementById("main");
    const [name, ...rest] = location.hash.slice(1).split("/");
    const all = screens();
    const screen = all.find((each) => each.name === name) ?? all[0];
    if (!main || !screen || person === null)
        return;
    drawTabs(screen.name);
    document.title = screen.title + " \u00b7 " + person.project;
    fill(main);
    screen.show(main, rest.map(decodeURIComponent));
}
function start() {
    showScreen();
}
document.addEventListener("DOMContentLoaded", () => {
    signedOut = signOut;
    window.addEventListener("hashchange", () => {
        showScreen();
        document.getElementById("main")?.focus();
    });
    if (keyOf() === null)
        showSignIn("");
    else
        askWho().then(start, (refusal) => keyOf() !== null && showSignIn(reasonOf(refusal)));
});
function addChild(parent, child) {
    if (child === null || child === false)
        return;
    if (child instanceof Node)
        parent.appendChild(child);
    else if (typeof child === "string")
        parent.appendChild(document.createTextNode(child));
    else
        child.forEach((each) => addChild(parent, each));
}
function element(tag, attributes, ...children) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes))
        if (typeof value === "function")
            made.addEventListener(name, value);
        else if (value !== false)
            made.setAttribute(name, value === true ? "" : String(value));
    addChild(made, children);
    return made;
}
function fill(parent, ...children) {
    parent.replaceChildren();
    addChild(parent, children);
}
function announce(text) {
    const said = document.getElementById("said");
    if (said)
        said.textContent = text;
}
function heading(title, about) {
    return element("header", { class: "head" }, element("h1", {}, title), about !== "" && element("p", { class: "about" }, about));
}
function button(label, kind, act) {
    return element("button", { type: "button", class: kind, click: act }, label);
}
let fieldCount = 0;
function field(label, control, hint = "") {
    const id = control.id || "field-" + ++fieldCount;
    control.id = id;
    if (hint !== "")
        control.setAttribute("aria-describedby", id + "-hint");
    return element("div", { class: "field" }, element("label", { for: id }, label), control, hint !== "" && element("small", { id: id + "-hint" }, hint));
}
function warning(text, ...more) {
    return element("div", { class: "warning", role: "alert" }, element("p", {}, text), more);
}
function table(caption, columns, rows) {
    return element("div", { class: "wide", role: "region", "aria-label": caption, tabindex: 0 }, element("table", {}, element("caption", {}, caption), element("thead", {}, element("tr", {}, columns.map((name) => element("th", { scope: "col" }, name)))), element("tbody", {}, rows.map((row) => element("tr", {}, row.map((cell, i) => i === 0 ? element("th", { scope: "row" }, cell) : element("td", {}, cell)))))));
}
function counted(count, one, many) {
    return count.toLocaleString("en-US") + " " + (count === 1 ? one : many);
}
function percent(share) {
    return (share * 100).toFixed(1).replace(/\.0$/, "") + "\u202f%";
}
function bytesSaid(size) {
    return size < 1024 ? size + " B" : size < 1048576 ? (size / 1024).toFixed(1) + " KiB" : (size / 1048576).toFixed(1) + " MiB";
}
function timeSaid(milliseconds) {
    return milliseconds < 1000 ? Math.round(milliseconds) + " ms" : (milliseconds / 1000).toFixed(1) + " s";
}
function moneySaid(amount, currency) {
    const digits = amount >= 100 || amount === 0 ? { maximumFractionDigits: 0 } : { maximumSignificantDigits: 3 };
    return amount.toLocaleString("en-US", digits) + " " + currency;
}
function momentSaid(time) {
    const moment = new Date(time);
    return isNaN(moment.getTime()) ? time : moment.toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });
}
