// Compiled from src/site/*.ts by scripts/page_script; its SHA-256: 27d7c4cbd5e4fa23965cb8c14175093d500a8f042cff4acb76948cd58f629922
"use strict";
let turns = [];
let asking = null;
const TURNS_NAME = "assay-turns", TURNS_KEPT = 20;
function keepTurns() {
    try {
        sessionStorage.setItem(TURNS_NAME, JSON.stringify(turns.filter((turn) => turn.ended).slice(-TURNS_KEPT).map((turn) => ({ ...turn, room: null }))));
    }
    catch {
        sessionStorage.removeItem(TURNS_NAME);
    }
}
function forgetTurns() {
    turns = [];
    sessionStorage.removeItem(TURNS_NAME);
}
function takeTurnsUp() {
    try {
        const kept = JSON.parse(sessionStorage.getItem(TURNS_NAME) ?? "[]");
        turns = kept.map((turn) => ({ ...turn, room: element("article", { class: "turn" }) }));
    }
    catch {
        forgetTurns();
    }
}
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
    if (turn.finding?.abstained && person?.documents === 0)
        await askWho().catch(() => null);
    turn.ended = true;
}
function citationMark(turn, number) {
    const citation = turn.citations[number - 1];
    if (!citation)
        return null;
    return element("button", { type: "button", class: "cite", "aria-label": "Source " + number + ": " + named(citation.filename),
        click: () => openSource(citation) }, String(number));
}
function wordsOfMarkdown(text) {
    return text.replace(/^[ \t]*(?:#{1,6}|>|[-*+])[ \t]+/gm, "").replace(/!?\[([^\[\]\n]*)\]\([^()\s]*\)/g, "$1").replace(/(\*\*|`)([^*`\n]+)\1/g, "$2");
}
function quoteSaid(citation) {
    if (/\.(md|markdown)$/i.test(citation.filename))
        return wordsOfMarkdown(citation.quote);
    return /\.x?html?$/i.test(citation.filename) ? citation.quote.replace(/^[^<>\s]*>|<[a-z/!][^>]*(>|$)/gi, " ").replace(/\s+/g, " ").trim() : citation.quote;
}
function sourceList(turn) {
    if (turn.citations.length === 0)
        return null;
    return element("div", { class: "sources" }, element("h3", {}, "Sources"), element("ol", {}, turn.citations.map((citation) => element("li", {}, element("button", { type: "button", class: "link", click: () => openSource(citation) }, named(citation.filename)), placeSaid(citation) !== "" && element("small", {}, " " + placeSaid(citation)), element("blockquote", {}, quoteSaid(citation))))));
}
function confidenceSaid(finding) {
    if (finding.calibrated)
        return "About " + Math.round(finding.confidence * 100) + " of 100 answers with this confidence are right.";
    return "Not calibrated: the number puts answers in order, and is no share of right ones. Whoever keeps this server can fit it to the test cases (assay calibrate).";
}
const UNSURE_BELOW = 1 / 3, SURE_FROM = 2 / 3;
function confidence(finding) {
    const shown = finding.calibrated ? percent(finding.confidence) : finding.confidence.toFixed(2);
    return element("div", { class: "confidence" }, element("span", {}, "Confidence"), element("meter", { min: 0, max: 1, low: UNSURE_BELOW, high: SURE_FROM, optimum: 1, value: finding.confidence, "aria-label": "Confidence" }, shown), element("b", {}, shown), finding.confidence < UNSURE_BELOW && element("b", { class: "badge high" }, "unsure"), element("details", {}, element("summary", {}, "What this means"), element("p", {}, confidenceSaid(finding))));
}
function hitItem(hit) {
    const place = { ...hit, filename: hit.document };
    const trail = hit.headings.join(" \u203a ");
    return element("li", {}, element("button", { type: "button", class: "link", click: () => openSource(place) }, named(shortPath(hit.document))), element("small", {}, " " + [placeSaid(place), trail].filter((part) => part !== "").join(" \u00b7 ")), element("p", { class: "passage" }, hit.text));
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
    if (!person?.documents)
        return element("div", { class: "absent" }, element("h3", {}, "There are no documents yet"), element("p", {}, "There is none that you may see, so nothing can be answered", person?.may_write ? [": add some under ", element("a", { href: "#documents" }, "Documents"), "."] : "."));
    const nearest = element("div", { class: "nearest" });
    return element("div", { class: "absent" }, element("h3", {}, "Not in the documents"), element("p", {}, finding.held_back ? "An answer was found, and held back: it is less likely to be right than this project demands."
        : finding.withheld ? "The language model wrote an answer, which is left out: nothing of it is borne out by a passage."
            : "No passage that you may see answers this, so there is no answer rather than a guess."), button("Show what stands nearest", "plain", () => showNearest(turn.question, nearest)), nearest);
}
function turnBody(turn) {
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
function saved(told) {
    const text = "Saved as a test case: line " + told.line + " of " + told.path + ".";
    announce(text);
    return element("p", { class: "good" }, text + " Measure asks it from now on.");
}
function caseForm(turn, right, room) {
    const abstained = turn.finding?.abstained ?? false;
    const none = element("input", { type: "checkbox", checked: right && abstained });
    const plain = turn.text.replace(/\s*\[\d{1,3}\]/g, "");
    const wanted = element("textarea", { rows: 3, maxlength: 8000 }, right && !abstained ? plain : "");
    const source = element("input", { type: "text", maxlength: 4000, value: pathOf(turn.citations[0]?.file_id ?? ""), autocomplete: "off", spellcheck: false });
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
        form.querySelector(right ? "button" : "textarea, input")?.focus({ preventScroll: true });
        form.scrollIntoView({ block: "nearest" });
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
function drawTurn(turn) {
    turn.room.setAttribute("aria-busy", String(!turn.ended));
    fill(turn.room, element("h2", { class: "question" }, turn.question), turnBody(turn));
}
function ask(question) {
    const list = document.getElementById("turns");
    if (asking !== null || question.trim() === "" || !list)
        return;
    const before = turns.slice();
    const room = element("article", { class: "turn" });
    const turn = { room, question: question.trim(), text: "", citations: [], finding: null, failure: "", ended: false, took: 0 };
    asking = new AbortController();
    turns.push(turn);
    document.getElementById("hello")?.remove();
    list.append(room);
    drawTurn(turn);
    drawComposer();
    room.scrollIntoView({ block: "start" });
    void answerTurn(turn, before, asking.signal, () => drawTurn(turn)).then(() => {
        asking = null;
        if (turns.includes(turn))
            keepTurns();
        drawTurn(turn);
        drawComposer();
        announce(turn.failure !== "" ? "" : turn.finding?.abstained ? (person?.documents ? "Not in the documents" : "There are no documents yet") : "Answer: " + turn.text);
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
    return element("div", { id: "hello", class: "hello" }, person?.is_admin && firstSteps(), element("p", {}, "Ask in your own words. The answer comes from the " +
        counted(person?.documents ?? 0, "document", "documents") + " that your key may see, and names its sources; where they do not answer, it says so."));
}
function showAsk(main) {
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
const KEY_NAME = "assay.key";
const UNREACHED = "The server cannot be reached. Try again in a moment; if it stays so, tell whoever keeps it.";
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
async function granted(answer) {
    if (answer.ok)
        return answer;
    const refusal = await refusalOf(answer);
    if (answer.status === 401)
        signedOut(refusal.message);
    throw refusal;
}
async function request(method, path, body, signal) {
    const headers = { Authorization: "Bearer " + (keyOf() ?? "") };
    if (body !== undefined)
        headers["Content-Type"] = "application/json";
    const sent = body === undefined ? body : JSON.stringify(body);
    let answer;
    try {
        answer = await fetch(path, { method, headers, body: sent ?? null, signal: signal ?? null, cache: "no-store", credentials: "omit", redirect: "error" });
    }
    catch (problem) {
        if (problem instanceof DOMException && problem.name === "AbortError")
            throw problem;
        throw new Refusal(0, UNREACHED);
    }
    return granted(answer);
}
async function sendForm(path, form, tell, signal) {
    const sending = new XMLHttpRequest();
    sending.open("POST", path);
    sending.setRequestHeader("Authorization", "Bearer " + (keyOf() ?? ""));
    sending.upload.addEventListener("progress", (event) => event.lengthComputable && event.total > 0 && tell(event.loaded / event.total));
    signal.addEventListener("abort", () => sending.abort());
    return granted(await new Promise((done, fail) => {
        sending.addEventListener("load", () => done(new Response(sending.responseText, { status: sending.status })));
        sending.addEventListener("error", () => fail(new Refusal(0, UNREACHED)));
        sending.addEventListener("abort", () => fail(new Refusal(0, "It was not sent to its end.")));
        sending.send(form);
    }));
}
async function call(method, path, body) {
    return await (await request(method, path, body)).json();
}
async function callAll(path) {
    const all = [];
    for (let after = "";;) {
        const page = await call("GET", path + after);
        all.push(...page.data);
        if (!page.has_more)
            return all;
        after = "&after=" + encodeURIComponent(page.last_id ?? "");
    }
}
function pause(milliseconds) {
    return new Promise((done) => setTimeout(done, milliseconds));
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
const CASES_PAGE = 100;
const CASES_WANTED = 10;
const turnedDown = new Set();
function textIn(item, ...names) {
    for (const name of names)
        if (typeof item[name] === "string")
            return item[name];
    return "";
}
function answerIn(item) {
    return item.answer !== undefined ? item.answer : item.expected;
}
function answerSaid(item) {
    const answer = answerIn(item);
    return answer === undefined ? "any: only whether the source is found counts" : answer === null ? "none: the documents do not answer it"
        : Array.isArray(answer) ? answer.map(String).join(" / ") : typeof answer === "string" ? answer : JSON.stringify(answer);
}
function sourceSaid(item) {
    return named(Array.isArray(item.source) ? item.source.map(String).join(", ") : textIn(item, "source"));
}
function caseFields(item) {
    const answer = item ? answerIn(item) : "";
    const isPlain = item === null || answer === null || (typeof answer === "string" && !Array.isArray(item.source));
    const question = element("textarea", { rows: 2, maxlength: 8000, required: true });
    const wanted = element("textarea", { rows: 2, maxlength: 8000 });
    const source = element("input", { type: "text", maxlength: 4000, autocomplete: "off", spellcheck: false });
    const none = element("input", { type: "checkbox", checked: item !== null && answer === null });
    const rest = element("div", {}, field("The answer wanted", wanted, "As short as it can be said: \u201c45 days\u201d."), field("The document that proves it", source, "Its path, as the documents list it; may be empty."));
    const draw = () => {
        rest.hidden = none.checked;
        wanted.required = !none.checked;
    };
    question.value = item ? textIn(item, "question", "input") : "";
    wanted.value = typeof answer === "string" ? answer : "";
    source.value = item ? textIn(item, "source") : "";
    none.addEventListener("change", draw);
    draw();
    const shown = [field("Question", question), isPlain ? [element("div", { class: "check" }, element("label", {}, none, " The documents do not answer this: the right thing is to say so")), rest]
            : element("p", { class: "soft" }, "Wanted: " + answerSaid(item ?? {}) + ". " + (answer === undefined ? "An answer, or another source, is written" : "Several forms of an answer are changed") + " in the file.")];
    if (!isPlain)
        wanted.required = false;
    return {
        shown, first: question,
        values: () => !isPlain ? { question: question.value.trim() } : none.checked ? { question: question.value.trim(), answer: null, source: null }
            : { question: question.value.trim(), answer: wanted.value.trim(), source: source.value.trim() || null },
    };
}
function caseDialog(title, item, send) {
    const fields = caseFields(item), problem = element("div", {});
    const submit = async (event) => {
        event.preventDefault();
        try {
            await send(fields.values());
            dialog.close();
        }
        catch (reason) {
            fill(problem, warning(reasonOf(reason)));
        }
    };
    const dialog = element("dialog", { class: "sheet", "aria-labelledby": "sheet-title", close: () => dialog.remove() }, element("form", { submit }, element("h2", { id: "sheet-title" }, title), fields.shown, problem, element("div", { class: "row" }, element("button", { type: "submit", class: "main" }, "Save"), button("Cancel", "plain", () => dialog.close()))));
    document.body.append(dialog);
    dialog.showModal();
    fields.first.focus();
}
async function removeCase(item, redraw) {
    const question = textIn(item.case, "question", "input");
    if (!confirm("Remove the test case \u201c" + question + "\u201d?"))
        return;
    try {
        await call("POST", "/v1/cases/" + item.line + "/remove", { was: question, mark: item.mark });
        announce("Removed");
    }
    catch (problem) {
        alert(reasonOf(problem));
    }
    redraw();
}
function caseRow(item, redraw) {
    const question = textIn(item.case, "question", "input");
    const change = () => caseDialog("Change line " + item.line, item.case, async (values) => {
        await call("POST", "/v1/cases/" + item.line, { ...values, was: question, mark: item.mark });
        announce("Saved");
        redraw();
    });
    return [element("p", { class: "given" }, question), element("p", { class: "given" }, answerSaid(item.case)), sourceSaid(item.case),
        element("div", { class: "row tight" }, element("button", { type: "button", class: "quiet", "aria-label": "Change: " + question, click: change }, "Change"), element("button", { type: "button", class: "quiet", "aria-label": "Remove: " + question, click: () => removeCase(item, redraw) }, "Remove"))];
}
async function showCaseList(room) {
    const redraw = () => void showCaseList(room);
    try {
        const { data, cases, path } = await call("GET", "/v1/cases");
        const list = inParts(data.length, CASES_PAGE, (shown) => table("Test cases", ["Question", "Answer wanted", "Source", "Action"], data.slice(0, shown).map((item) => caseRow(item, redraw))));
        const add = () => caseDialog("A new test case", null, async (values) => {
            await call("POST", "/v1/cases", values);
            announce("Saved");
            redraw();
        });
        fill(room, element("div", { class: "row spread" }, element("h2", {}, cases === 0 ? "No test cases yet" : counted(cases, "test case", "test cases")), button("Write a test case", "main", add)), element("p", { class: "soft" }, cases < CASES_WANTED ? "Ten are a beginning, sixty tell approaches apart that differ by ten points. They stand in "
            : "They stand in ", element("code", {}, path), ", a line each."), data.length > 0 && list, cases > data.length && element("p", {}, "The first " + data.length.toLocaleString("en-US") + " are here; the others are changed in the file."));
    }
    catch (problem) {
        fill(room, warning(reasonOf(problem)));
    }
}
function draftItem(draft, left, redraw) {
    const problem = element("div", {});
    const gone = () => {
        const next = item.nextElementSibling ?? item.previousElementSibling;
        turnedDown.add(draft.question);
        item.remove();
        next?.querySelector("button")?.focus();
        left();
    };
    const take = async (values) => {
        await call("POST", "/v1/cases", values);
        announce("Taken as a test case");
        gone();
        redraw();
    };
    const accept = () => take({ question: draft.question, answer: draft.answer, source: draft.source }).catch((reason) => fill(problem, warning(reasonOf(reason))));
    const item = element("li", {}, element("p", {}, element("b", {}, draft.question)), element("p", {}, draft.answer), element("blockquote", {}, draft.quote), element("p", { class: "soft" }, named(draft.source)), element("div", { class: "row" }, button("Accept", "plain", accept), button("Change, then accept", "plain", () => caseDialog("A proposed test case", { question: draft.question, answer: draft.answer, source: draft.source }, take)), button("Reject", "plain", gone)), problem);
    return item;
}
async function showDrafts(task, room, redraw) {
    try {
        const [{ drafts }, { data }] = await Promise.all([call("GET", "/v1/tasks/" + task.id + "/output"),
            call("GET", "/v1/cases")]);
        const there = new Set(data.map((item) => textIn(item.case, "question", "input").trim()));
        const open = drafts.filter((draft) => !there.has(draft.question.trim()) && !turnedDown.has(draft.question));
        const head = element("h3", {});
        const list = element("ol", { class: "drafts" });
        const left = () => {
            const count = list.childElementCount;
            head.textContent = count === 0 ? drafts.length === 0 ? "The documents gave nothing to propose" : "All proposals are settled"
                : counted(count, "proposal", "proposals") + " to settle";
        };
        list.append(...open.map((draft) => draftItem(draft, left, redraw)));
        left();
        fill(room, head, open.length > 0 && element("p", { class: "soft" }, "Each is checked by you: a wrong test case measures wrongly."), list);
    }
    catch (problem) {
        fill(room, warning(reasonOf(problem)));
    }
}
function draftSection(redraw) {
    const room = element("div", {}), shown = element("div", {});
    const count = element("input", { type: "number", min: 1, max: 500, value: 20, required: true });
    const follow = {
        done: (task) => {
            if (task.state === "done") {
                putTask(room);
                return showDrafts(task, shown, redraw);
            }
            return undefined;
        },
    };
    const submit = (event) => {
        event.preventDefault();
        fill(shown);
        return startTask({ kind: "draft", count: Number(count.value) }, room, follow);
    };
    void call("GET", "/v1/tasks").then(({ data }) => {
        const last = data.find((task) => task.kind === "draft");
        if (last && last.finished_at === null)
            fill(room, followTask(last, follow));
        else if (last?.state === "done")
            return showDrafts(last, shown, redraw);
        return undefined;
    }).catch(() => undefined);
    return element("section", {}, element("h2", {}, "Proposals from the documents"), element("form", { class: "search", submit }, field("How many", count), element("button", { type: "submit", class: "plain" }, "Propose test cases")), room, shown);
}
function showCases(main) {
    const list = element("section", {});
    const redraw = () => void showCaseList(list);
    fill(main, heading("Measure", "Which approach to build, by the project's own test cases."), measureTabs("cases"), list, draftSection(redraw));
    redraw();
}
const LIST_PAGE = 100;
const LIST_SHORT = 20;
function fileId(path) {
    const bytes = new TextEncoder().encode(path);
    return "file-" + btoa(String.fromCharCode(...bytes)).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}
function pathOf(id) {
    const letters = atob(id.slice("file-".length).replace(/-/g, "+").replace(/_/g, "/"));
    return new TextDecoder().decode(Uint8Array.from(letters, (letter) => letter.charCodeAt(0)));
}
function openDocument(path) {
    return openSource({ file_id: fileId(path), filename: path, start: 0, end: 0 }, "passages");
}
function shortPath(path) {
    return path.replace(/^uploads\/[^/]+\/(?:[0-9a-f]{16,}\/)?(?=.)/, "");
}
function sentFile(path) {
    return /^uploads\/files\/[^/]+\/[^/]+/.exec(path)?.[0] ?? null;
}
async function forget(file, path, redraw) {
    if (!confirm("Remove \u201c" + named(shortPath(file)) + "\u201d? It was sent to the server; its file goes too" + (file === path ? "." : ", with all documents that came in it.")))
        return;
    try {
        await call("DELETE", "/v1/files/" + encodeURIComponent(fileId(file)));
        await askWho();
        redraw();
    }
    catch (problem) {
        alert(reasonOf(problem));
    }
}
function documentRow(document, redraw) {
    const sent = person?.may_write ? sentFile(document.path) : null;
    return [element("button", { type: "button", class: "link", title: named(document.path), click: () => openDocument(document.path) }, named(shortPath(document.path))),
        named(document.title), document.format, document.passages.toLocaleString("en-US"), bytesSaid(document.bytes),
        sent !== null ? element("button", { type: "button", class: "quiet", "aria-label": "Remove " + named(shortPath(document.path)), click: () => forget(sent, document.path, redraw) }, "Remove") : ""];
}
async function showNamed(room, words, isCurrent, redraw) {
    const documents = [];
    const draw = async (after) => {
        const before = documents.length;
        const page = await call("GET", "/v1/documents?limit=" + LIST_PAGE + after + (words === "" ? "" : "&named=" + encodeURIComponent(words)));
        if (!isCurrent())
            return;
        documents.push(...page.data);
        fill(room, documents.length === 0 ? words !== "" && element("p", { class: "soft" }, "No document has this in its name.") :
            table("Documents", ["Path", "Title", "Format", "Passages", "Size", "Action"], documents.map((each) => documentRow(each, redraw))), page.has_more && button("Show more", "plain", () => draw("&after=" + encodeURIComponent(page.last_id))));
        if (before > 0)
            focusItem(room, before);
        if (words !== "")
            announce(page.has_more ? "more than " + counted(documents.length, "document", "documents") : counted(documents.length, "document", "documents"));
    };
    try {
        await draw("");
    }
    catch (problem) {
        if (isCurrent())
            fill(room, warning(reasonOf(problem)));
    }
}
function nameField(show) {
    const words = element("input", { type: "search", id: "named", maxlength: 200, autocomplete: "off" });
    let timer = 0;
    words.addEventListener("input", () => {
        clearTimeout(timer);
        timer = window.setTimeout(() => show(words.value.trim()), 200);
    });
    return field("Find a document by its name", words);
}
async function showList(room) {
    const count = person?.documents ?? 0, rows = element("div", {});
    let asked = 0;
    const show = (words) => {
        const turn = ++asked;
        return showNamed(rows, words, () => turn === asked, () => void showList(room));
    };
    fill(room, count > 0 && element("h2", {}, counted(count, "document", "documents")), count > LIST_SHORT && nameField((words) => void show(words)), rows);
    await show("");
}
function searchForm() {
    const words = element("input", { type: "search", id: "words", maxlength: 4000, autocomplete: "off" });
    const found = element("div", {});
    let asked = 0;
    const show = async (query, turn) => {
        try {
            const { results, took_ms } = await call("POST", "/v1/search", { query, k: 10 });
            const said = counted(results.length, "passage", "passages") + " in " + timeSaid(took_ms);
            if (turn !== asked)
                return;
            fill(found, element("p", { class: "soft" }, said), element("ol", { class: "hits" }, results.map(hitItem)));
            announce(said);
        }
        catch (problem) {
            if (turn === asked)
                fill(found, warning(reasonOf(problem)));
        }
    };
    const search = (event) => {
        event.preventDefault();
        const turn = ++asked;
        if (words.value.trim() === "")
            fill(found);
        else
            void show(words.value, turn);
    };
    return element("section", {}, element("form", { class: "search", role: "search", submit: search }, field("Search the passages", words), element("button", { type: "submit", class: "plain" }, "Search")), found);
}
function findingItem(finding) {
    return element("li", {}, element("p", {}, element("b", { class: "badge " + finding.severity }, finding.kind.replace(/_/g, " ") + ", " + finding.severity), " ", finding.message), element("p", { class: "soft" }, "Remedy: ", finding.remedy), inParts(finding.places.length, 6, (shown) => element("ul", { class: "places" }, finding.places.slice(0, shown).map((place) => element("li", {}, element("button", { type: "button", class: "link", click: () => openSource({ ...place, file_id: fileId(place.document), filename: place.document }) }, named(shortPath(place.document))), place.line > 0 && element("small", {}, " line " + place.line), place.text !== "" && element("span", { class: "soft" }, " \u201c" + place.text + "\u201d"))))));
}
async function showAudit(room) {
    fill(room, element("p", { class: "soft waiting" }, "Reading every passage\u2026"));
    try {
        const audit = await call("GET", "/v1/audit");
        const count = Object.values(audit.kinds).reduce((sum, kind) => sum + kind.findings, 0), shown = audit.findings.length;
        const said = "Score " + Math.round(audit.score) + " of 100, " + counted(count, "finding", "findings");
        fill(room, element("p", {}, element("b", {}, said), ": " + counted(audit.documents, "document", "documents") + ", " +
            counted(audit.passages, "passage", "passages") + "."), element("ol", { class: "findings" }, audit.findings.map(findingItem)), count > shown && element("p", { class: "soft" }, "The first " + shown.toLocaleString("en-US") + " of them; ", element("code", {}, "assay audit"), " lists all."));
        announce(said);
    }
    catch (problem) {
        fill(room, warning(reasonOf(problem)));
    }
}
function auditSection() {
    const room = element("div", {});
    return element("section", {}, element("h2", {}, "Audit"), element("p", { class: "soft" }, "What is wrong with the documents: duplicates, contradictions, stale dates, passages that no question finds; and what helps."), button("Audit the documents", "plain", () => showAudit(room)), room);
}
function drawDocuments(main) {
    const list = element("section", {});
    const any = (person?.documents ?? 0) > 0;
    const redraw = () => {
        if (list.isConnected && !any && (person?.documents ?? 0) > 0)
            drawDocuments(main);
        else if (list.isConnected)
            void showList(list);
    };
    fill(main, heading("Documents", "What answers come from, as far as your key may see it."), !any && firstSteps(), person?.may_write && dropRoom(redraw), any && searchForm(), any && person?.is_admin && auditSection(), list);
    void showList(list);
}
function showDocuments(main) {
    forgetSent();
    drawDocuments(main);
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
const CASES_SHOWN = 50;
const APPROACHES = {
    prompt: "Prompt alone", full: "All documents in the prompt", rag: "Retrieval", tune: "Fine-tuning", hybrid: "Retrieval and fine-tuning", none: "No approach",
};
const GAPS = {
    knowledge: "The fact was not there", retrieval: "The passage was not found", behaviour: "The form or tone was wrong", capability: "The model could not",
    knowledge_base: "The documents are wrong", test_case: "The test case is wrong",
};
const MEASURES = {
    "recall@1": "of the documents that prove it, how many come first", "recall@5": "how many are among the first five", "recall@10": "how many are among the first ten",
    "mrr@10": "one divided by the place of the first that proves it", "ndcg@10": "how near the order of ten is to the best one",
    "hit@5": "one of the first five proves it", "hit@10": "one of the first ten proves it", "precision@5": "of the first five, how many prove it",
    "precision@10": "of the first ten, how many prove it", map: "precision at each that proves it, averaged", exact: "the answer is the wanted one, but for case and marks",
    f1: "words that both have", contains: "the wanted words stand in the answer", numeric: "the quantity is the wanted one", strict: "exact, or the quantity and nothing else",
    relaxed: "exact, contains or numeric",
};
function approachSaid(name) {
    return APPROACHES[name] ?? name;
}
function intervalPlot(score, interval) {
    const made = (tag, attributes) => {
        const shape = document.createElementNS("http://www.w3.org/2000/svg", tag);
        for (const [name, value] of Object.entries(attributes))
            shape.setAttribute(name, String(value));
        return shape;
    };
    const plot = made("svg", { class: "interval", viewBox: "0 0 104 16", "aria-hidden": "true", preserveAspectRatio: "none" });
    plot.append(made("line", { class: "base", x1: 2, x2: 102, y1: 8, y2: 8 }), made("line", { class: "span", x1: 2 + 100 * interval[0], x2: 2 + 100 * interval[1], y1: 8, y2: 8 }), made("line", { class: "point", x1: 2 + 100 * score, x2: 2 + 100 * score, y1: 2, y2: 14 }));
    return plot;
}
function armRow(arm, chosen, currency) {
    const name = [approachSaid(arm.name), " ", arm.name === chosen && element("b", { class: "badge chosen" }, "the verdict"),
        element("small", {}, arm.name + (arm.label !== undefined ? ": " + arm.label : ""))];
    if (arm.score === undefined)
        return [name, element("span", { class: "soft" }, arm.why ?? arm.status), "", "", ""];
    const [low, high] = arm.interval ?? [arm.score, arm.score];
    return [name, [element("b", {}, percent(arm.score)), element("small", {}, " " + percent(low) + " to " + percent(high))],
        intervalPlot(arm.score, [low, high]), arm.latency_ms?.p95 !== undefined ? timeSaid(arm.latency_ms.p95) : "",
        arm.cost?.per_month !== undefined ? moneySaid(arm.cost.per_month, currency) : ""];
}
function wantedSaid(wanted) {
    const texts = Array.isArray(wanted) ? wanted : wanted === null || wanted === undefined ? [] : [wanted];
    return texts.length === 0 ? "no answer: the documents do not have it" : texts.join(" / ");
}
function rightness(answer) {
    if (!answer)
        return "";
    return element("div", {}, element("b", { class: answer.right ? "good" : "bad" }, answer.right ? "right" : "wrong"), element("p", { class: "given" }, answer.answer ?? "(no answer)"));
}
function caseTable(cases, arms) {
    return table("Cases side by side", ["Question, and the answer wanted", ...arms.map(approachSaid)], cases.map((item) => [
        [item.question, element("p", { class: "given" }, "Wanted: " + wantedSaid(item.expected)),
            item.gap !== undefined && item.gap !== null && element("small", {}, (GAPS[item.gap] ?? item.gap) + (item.gap_why ? ": " + item.gap_why : ""))],
        ...arms.map((arm) => rightness(item.arms[arm]))
    ]));
}
function caseSection(report) {
    const cases = report.cases ?? [];
    const arms = report.arms.filter((arm) => arm.score !== undefined).map((arm) => arm.name);
    if (cases.length === 0)
        return null;
    const which = element("select", {}, element("option", { value: "differ" }, "where approaches differ"), element("option", { value: "wrong" }, "wrong by the verdict's approach"), element("option", { value: "all" }, "all"));
    const room = element("div", {});
    const draw = () => {
        const fits = cases.filter((item) => which.value === "all" ? true : which.value === "wrong" ? item.arms[report.verdict.approach]?.right === false
            : new Set(arms.map((arm) => item.arms[arm]?.right)).size > 1);
        fill(room, element("p", { class: "soft" }, counted(fits.length, "case", "cases")), inParts(fits.length, CASES_SHOWN, (shown) => caseTable(fits.slice(0, shown), arms)));
    };
    which.addEventListener("change", draw);
    draw();
    return element("section", {}, element("h2", {}, "Cases side by side"), field("Show cases", which), room);
}
function gapSection(report) {
    const gaps = Object.entries(report.gaps ?? {}).filter(([, share]) => share > 0).sort((a, b) => b[1] - a[1]);
    if (gaps.length === 0)
        return null;
    return element("section", {}, element("h2", {}, "Why " + counted(report.failing ?? 0, "case fails", "cases fail")), table("Why cases fail", ["Reason", "Share of the failing cases", "0 to 100\u202f%"], gaps.map(([name, share]) => {
        const [low, high] = report.gap_intervals?.[name] ?? [share, share];
        return [GAPS[name] ?? name, [element("b", {}, percent(share)), high > low && element("small", {}, percent(low) + " to " + percent(high))], intervalPlot(share, [low, high])];
    })));
}
function checkSection(report) {
    const checks = report.checks ?? [];
    return checks.length === 0 ? null : element("section", {}, element("h2", {}, "Checks before the verdict"), element("ul", { class: "checks" }, checks.map((each) => element("li", {}, element("b", { class: each.ok ? "good" : "bad" }, each.ok ? "\u2713 " : "! "), element("b", {}, each.check), ": ", each.message))));
}
function curveSection(report) {
    const points = report.curve?.points ?? [];
    if (points.length === 0 && !report.curve?.says)
        return null;
    return element("section", {}, element("h2", {}, "Would more examples help?"), report.curve?.says && element("p", {}, report.curve.says), points.length > 0 && table("Learning curve", ["Examples", "Right answers", "0 to 100\u202f%"], points.map((point) => [point.examples.toLocaleString("en-US"),
        percent(point.score), intervalPlot(point.score, point.interval ?? [point.score, point.score])])));
}
function costSection(costs) {
    const arms = costs.arms ?? [];
    if (arms.length === 0)
        return null;
    const usual = costs.months && costs.months > 0 ? costs.months : 12;
    const spread = element("input", { type: "range", min: 1, max: 60, step: 1, value: usual });
    const slider = element("input", { type: "range", min: 2, max: 7, step: 0.05, value: Math.log10(Math.max(100, costs.requests_per_month ?? 10000)) });
    const room = element("div", {});
    const draw = () => {
        const months = Number(spread.value);
        spread.setAttribute("aria-valuetext", counted(months, "month", "months"));
        const requests = Number(Math.pow(10, Number(slider.value)).toPrecision(2));
        const amounts = arms.map((arm) => arm.fixed_per_month + requests * arm.per_request + arm.build / months);
        slider.setAttribute("aria-valuetext", requests.toLocaleString("en-US") + " requests a month");
        fill(room, table("Costs", ["Approach", "A month at " + requests.toLocaleString("en-US") + " requests, building spread over " + counted(months, "month", "months")], arms.map((arm, i) => [approachSaid(arm.name),
            [moneySaid(amounts[i] ?? 0, costs.currency ?? ""), " ", amounts[i] === Math.min(...amounts) && element("b", { class: "badge chosen" }, "least")]])));
    };
    slider.addEventListener("input", draw);
    spread.addEventListener("input", draw);
    draw();
    return element("section", {}, element("h2", {}, "Costs"), field("Requests a month", slider), field("Months that building is spread over", spread), room);
}
async function keepPage(run) {
    const answer = await request("GET", "/v1/runs/" + run.id + "/page");
    const link = element("a", { href: URL.createObjectURL(await answer.blob()), download: "report-" + run.id + ".html" });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}
function showReport(report, run) {
    const { approach, kind, confidence: sure, reasons, would_change_if: changes } = report.verdict;
    const currency = report.costs?.currency ?? "";
    return [element("section", { class: "verdict" }, element("p", { class: "soft" }, "The verdict of run " + run.id + ", " + momentSaid(run.made)), element("h2", {}, kind === "undecided" ? "Too few test cases to tell" : approach === "none" ? "No approach is good enough yet" : "Build it with: " + approachSaid(approach)), kind !== "undecided" && sure !== null && sure !== undefined && element("p", {}, "Confidence " + percent(sure)), element("ul", {}, reasons.map((reason) => element("li", {}, reason))), changes.length > 0 && element("details", {}, element("summary", {}, "What would change it"), element("ul", {}, changes.map((each) => element("li", {}, each)))), run.has_page && button("Save the whole report as a page", "plain", () => keepPage(run))),
        element("section", {}, element("h2", {}, "Approaches"), table("Approaches", ["Approach", "Right answers, with their interval", "0 to 100\u202f%", "95 of 100 within", "Cost a month"], report.arms.map((arm) => armRow(arm, approach, currency)))),
        gapSection(report), curveSection(report), costSection(report.costs ?? {}), checkSection(report), caseSection(report)];
}
function showEval(run, found) {
    const measures = Object.keys(MEASURES).filter((name) => found.measures[name] !== undefined);
    const measureRow = (name) => {
        const mean = found.measures[name] ?? 0, [low, high] = found.intervals?.[name] ?? [mean, mean];
        return [[name, element("small", {}, MEASURES[name] ?? "")], [element("b", {}, percent(mean)), high > low && element("small", {}, percent(low) + " to " + percent(high))], intervalPlot(mean, [low, high])];
    };
    return [element("section", {}, element("h2", {}, "Evaluation of run " + run.id + ", " + momentSaid(run.made)), element("p", { class: "soft" }, found.model === null ? "The search alone: no answers were asked for." : "Answered by " + found.model + "."), table("Measures", ["Measure", "Mean", "0 to 100\u202f%"], measures.map(measureRow))),
        element("section", {}, element("h2", {}, counted(found.cases.length, "case", "cases")), inParts(found.cases.length, CASES_SHOWN, (shown) => table("Cases", ["Question", ...(found.model === null ? [] : ["Wanted", "Answered"]), "Source found as number", "Why"], found.cases.slice(0, shown).map((item) => [
            item.question, ...(found.model === null ? [] : [item.wanted ?? "", item.answer ?? ""]), item.rank ? String(item.rank) : "", (item.why ?? item.missed ?? "").replace(/_/g, " ")
        ]))))];
}
async function showRun(run, room) {
    fill(room, element("p", { class: "soft waiting" }, "Opening run " + run.id + "\u2026"));
    try {
        const found = await call("GET", "/v1/runs/" + run.id);
        fill(room, run.kind === "decide" ? showReport(found, run) : showEval(run, found));
    }
    catch (problem) {
        fill(room, warning(reasonOf(problem)));
    }
}
function nothingMeasured() {
    return element("section", { class: "steps" }, element("h2", {}, "Nothing was measured yet"), element("ol", {}, element("li", {}, "Write ten test cases or more: ask, and tell of each answer whether it was right."), element("li", {}, element("b", {}, "Evaluate"), " tells whether the right passage is found, and the right answer given."), element("li", {}, element("b", {}, "Decide"), " builds the approaches, compares them, and says which one to build.")));
}
function measureTabs(current) {
    const tab = (name, title) => {
        const href = "#measure" + (name === "" ? "" : "/" + name);
        return element("li", {}, element("a", name === current ? { href, "aria-current": "page" } : { href }, title));
    };
    return element("nav", { class: "parts", "aria-label": "Parts of Measure" }, element("ul", {}, tab("", "Results"), tab("cases", "Test cases")));
}
async function showPlan(task, room, more) {
    if (task.state !== "done")
        return;
    const plan = await call("GET", "/v1/tasks/" + task.id + "/output");
    const row = (name, part) => [name, Math.round(part.calls).toLocaleString("en-US"),
        part.money ? moneySaid(part.money, plan.currency ?? "") : "0", part.minutes < 1 ? "less than 1" : Math.ceil(part.minutes).toLocaleString("en-US")];
    putTask(room, element("section", { class: "task" }, element("h3", {}, "What a decision would take, at the most"), table("What a decision would take", ["Approach", "Questions", "Money", "Minutes"], [...plan.arms.map((arm) => row(approachSaid(arm.name), arm)), row("All", plan)]), typeof task.request?.hosted === "string" && more(plan, task.request.hosted)));
}
function hasFineTuning(model) {
    return model !== "builtin" && !model.startsWith("anthropic:");
}
function hostedOffer(plan, model, start) {
    const amount = plan.has_training_price === true && plan.money !== undefined ? "for " + "about " + moneySaid(plan.money, plan.currency ?? "") : "for money";
    return [element("p", {}, plan.has_training_price === true ? "The provider fine-tunes " + model + " on the examples, which are sent there; its price is in the sum."
            : "The provider fine-tunes " + model + " on the examples, which are sent there. prices.yaml has no price of its training: the sum is without it."),
        button("Decide, with fine-tuning " + amount, "main", start)];
}
function startSection(under, model) {
    const room = element("div", {});
    const opened = (task) => {
        if (task.state === "done" && task.kind !== "plan")
            location.hash = "#measure/" + task.result;
    };
    const quick = choice("Search alone", "Is the right passage found? Takes seconds; no answer is asked for.");
    const all = choice("All approaches", "Also those behind one that meets the target.");
    const anew = choice("Begin anew", "Where a decision was stopped, it goes on otherwise.");
    const hosted = choice("Fine-tuned by the provider", "A job there, for money, on the examples. You see first what it would cost.");
    const decideWith = (tuned) => start({ kind: "decide", all: all.box.checked, anew: anew.box.checked, hosted: tuned })();
    const withCases = (act) => async () => {
        if ((await call("GET", "/v1/cases")).cases > 0)
            return act();
        fill(room, warning("There are no test cases yet. Ask, and tell of each answer whether it was right; or write some under ", element("a", { href: "#measure/cases" }, "Test cases"), ". Ten are the least, twenty to fifty are usual."));
    };
    const planned = (task) => showPlan(task, room, (plan, tuned) => hostedOffer(plan, tuned, () => decideWith(tuned)));
    const follow = { done: (task) => task.kind === "plan" ? planned(task) : opened(task) };
    const start = (request) => () => startTask(request, room, follow);
    const plan = () => start({ kind: "plan", hosted: hosted.box.checked ? model : undefined })();
    fill(room, under.map((task) => followTask(task, follow)));
    return element("section", {}, element("div", { class: "cards" }, element("div", { class: "card" }, element("h2", {}, "Evaluate"), element("p", { class: "soft" }, "How good is what this project does now? Every test case is asked."), quick.shown, button("Evaluate", "main", withCases(() => start({ kind: "eval", without_answers: quick.box.checked })()))), element("div", { class: "card" }, element("h2", {}, "Decide"), element("p", { class: "soft" }, "Which approach should be built? Prompt, retrieval, fine-tuning and both are built and compared."), all.shown, anew.shown, hasFineTuning(model) && hosted.shown, element("div", { class: "row" }, button("Decide", "main", withCases(() => hosted.box.checked ? plan() : decideWith())), button("What would it take?", "plain", withCases(plan))))), room);
}
async function showMeasure(main, rest) {
    const room = element("div", {}), begin = element("div", {});
    const list = element("section", {});
    if (rest[0] === "cases") {
        showCases(main);
        return;
    }
    fill(main, heading("Measure", "Which approach to build, by the project's own test cases."), measureTabs(""), begin, room, list);
    try {
        const [{ data }, under, { model }] = await Promise.all([call("GET", "/v1/runs"), tasksUnderWay(["eval", "decide", "plan"]),
            call("GET", "/v1/settings")]);
        fill(begin, startSection(under, model));
        const run = data.find((each) => each.id === rest[0]) ?? data.find((each) => each.kind === "decide") ?? data[0];
        if (!run) {
            fill(room, nothingMeasured());
            return;
        }
        fill(list, element("h2", {}, "All runs"), table("Runs", ["Run", "What", "When"], data.map((each) => [
            element("a", each === run ? { href: "#measure/" + each.id, "aria-current": "true" } : { href: "#measure/" + each.id }, each.id),
            each.kind === "decide" ? "decision" : "evaluation", momentSaid(each.made)
        ])));
        await showRun(run, room);
    }
    catch (problem) {
        fill(room, warning(reasonOf(problem)));
    }
}
const QUOTA = ["requests", "tokens", "money"];
const KINDS = { damaged: "is not as it was written", cut: "the rest of a crash was cut off", head: "the log's head was lost, and made anew", erased: "personal content was erased" };
function entryRow(entry) {
    if (entry.kind !== "answer")
        return [String(entry.number), momentSaid(entry.time ?? ""), "", KINDS[entry.kind] ?? entry.kind, ""];
    if (entry.content !== "kept")
        return [String(entry.number), momentSaid(entry.time ?? ""), "", "(" + entry.content + ")", ""];
    return [String(entry.number), momentSaid(entry.time ?? ""), entry.asker ?? "", entry.question ?? "(its hash is kept)",
        entry.abstained ? element("span", { class: "soft" }, "no answer") : element("p", { class: "given" }, entry.answer ?? "")];
}
async function verifyLog(room) {
    fill(room, element("p", { class: "soft waiting" }, "Looking at every byte\u2026"));
    try {
        const found = await call("GET", "/v1/log/verify");
        const problems = found.problems.map((each) => element("li", {}, (each.entry > 0 ? "Entry " + each.entry + ": " : "") + each.message));
        const said = found.ok ? "All " + counted(found.entries, "entry is", "entries are") + " as written." : "The log is not as it was written"
            + (found.first_bad !== null ? ", from entry " + found.first_bad + " on: " + found.reason : ".");
        fill(room, found.ok ? element("p", { class: "good" }, said) : warning(said), element("ul", {}, problems), found.ok && element("p", { class: "soft" }, "Head: ", element("code", {}, found.entries + " " + found.root), ". Kept elsewhere, it shows later that nothing was cut off."));
        announce(said);
    }
    catch (problem) {
        fill(room, warning(reasonOf(problem)));
    }
}
async function showEntries(room, entries, before) {
    const shown = entries.length;
    try {
        const page = await call("GET", "/v1/log?limit=50" + (before > 0 ? "&before=" + before : ""));
        entries.push(...page.data.reverse());
        const last = entries[entries.length - 1]?.number ?? 1;
        fill(room, element("h2", {}, counted(page.entries, "entry", "entries")), entries.length === 0 ? element("p", {}, "Nothing was asked yet.") : table("Entries of the audit log", ["Entry", "When", "Who", "Question", "Answer"], entries.map(entryRow)), last > 1 && button("Show older ones", "plain", () => showEntries(room, entries, last)));
        if (shown > 0)
            focusItem(room, shown);
    }
    catch (problem) {
        fill(room, warning(reasonOf(problem)));
    }
}
function showLog(main) {
    const verified = element("div", {}), room = element("section", {});
    fill(main, heading("Log", "Every question that was answered, in a chain of hashes: what is changed or cut off shows."), element("section", {}, button("Verify the log", "plain", () => verifyLog(verified)), verified), room);
    void showEntries(room, [], 0);
}
async function revoke(key, redraw) {
    if (!confirm("Revoke \u201c" + key.name + "\u201d? Nothing that it asks from then on is answered."))
        return;
    try {
        await call("POST", "/v1/keys/" + encodeURIComponent(key.name) + "/revoke");
    }
    catch (problem) {
        alert(reasonOf(problem));
    }
    redraw();
}
function quotaSaid(quota) {
    const parts = QUOTA.filter((kind) => quota[kind] !== null).map((kind) => quota[kind].toLocaleString("en") + " " + kind);
    return parts.length === 0 ? "none" : parts.join(", ");
}
async function showKeyList(room) {
    try {
        const { data } = await call("GET", "/v1/keys");
        fill(room, table("Keys", ["Name", "Begins with", "State", "Groups", "Made", "Last day", "At most a day", "Action"], data.map((key) => [key.name, element("code", {}, key.hint + "\u2026"),
            key.state, key.groups.join(", "), momentSaid(key.created), key.expires ?? "none", quotaSaid(key.quota), key.state === "valid" && key.name !== person?.name
                ? element("button", { type: "button", class: "quiet", "aria-label": "Revoke " + key.name, click: () => revoke(key, () => void showKeyList(room)) }, "Revoke") : ""])));
    }
    catch (problem) {
        fill(room, warning(reasonOf(problem)));
    }
}
function newKeyForm(redraw) {
    const name = element("input", { type: "text", required: true, maxlength: 64, autocomplete: "off", spellcheck: false });
    const groups = element("input", { type: "text", maxlength: 2000, autocomplete: "off", spellcheck: false });
    const expires = element("input", { type: "date" });
    const limits = QUOTA.map((kind) => element("input", { type: "number", min: kind === "money" ? "0.01" : "1", step: kind === "money" ? "any" : "1", "aria-label": "Most " + kind + " a day", placeholder: kind }));
    const told = element("div", {});
    const make = async (event) => {
        event.preventDefault();
        const list = groups.value.split(",").map((each) => each.trim()).filter((each) => each !== "");
        try {
            const { key } = await call("POST", "/v1/keys", { name: name.value.trim(), groups: list, expires: expires.value || null,
                quota: Object.fromEntries(QUOTA.map((kind, i) => [kind, limits[i].value === "" ? null : Number(limits[i].value)])) });
            fill(told, element("div", { class: "secret", role: "status" }, element("p", {}, "The key of ", element("b", {}, name.value.trim()), ", shown this once: only its hash is kept."), element("code", {}, key)));
            for (const input of [name, groups, expires, ...limits])
                input.value = "";
            redraw();
        }
        catch (problem) {
            fill(told, warning(reasonOf(problem)));
        }
    };
    return element("form", { submit: make }, field("Name", name), field("Groups", groups, "With commas between: labels of documents it may see. @admin sees all; @write may send documents and test cases; @metrics sees the server's figures."), field("Last day on which it holds", expires, "Empty: it does not expire."), element("fieldset", { class: "row" }, element("legend", {}, "The most it may use in a day (empty: any)"), ...limits), element("button", { type: "submit", class: "main" }, "Make the key"), told);
}
function showKeys(main) {
    const room = element("div", {}), forms = element("div", {});
    fill(main, heading("Settings", "Who may ask, what answers, and what it costs. What else can be set stands in assay.yaml, each setting explained."), element("section", {}, element("h2", {}, "Keys"), room), element("section", {}, element("h2", {}, "A new key"), newKeyForm(() => void showKeyList(room))), forms, element("section", {}, element("h2", {}, "This server"), element("p", {}, "assay " + (person?.version ?? "") + ", project " + (person?.project ?? "") + ".")));
    void showKeyList(room);
    void showSettingsForms(forms);
}
const NOT_SENT = "stopped: it was not sent", NOTHING_FOUND = "nothing in it can be searched: there is no text that can be read";
const STORE = "/v1/vector_stores/vs_documents/files";
function sentRow(file, signedOut) {
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
async function sendFile(file, purpose, row) {
    const form = new FormData();
    form.append("purpose", purpose);
    form.append("file", file);
    const tell = (share) => {
        if (share >= 1)
            row.whole();
        row.tell(share < 1 ? "is sent, " + Math.floor(100 * share) + "\u202f% of " + bytesSaid(file.size) : "is written down", share < 1 ? share : null);
    };
    tell(0);
    await file.slice(0, 1).arrayBuffer().catch(() => {
        throw new Refusal(0, "it cannot be read here: of a folder its files are sent, and a file may have been changed or removed since it was chosen");
    });
    const { id } = await (await sendForm("/v1/files", form, tell, row.stopped)).json();
    row.whole();
    return id;
}
let sentList = element("ul", { class: "sent", "aria-label": "Files sent" });
let sending = new AbortController();
let underWay = 0;
let whenSent = () => undefined;
function stopSending() {
    sending.abort();
    sending = new AbortController();
    sentList = element("ul", { class: "sent", "aria-label": "Files sent" });
    underWay = 0;
}
function tellTakingIn(row, sent) {
    const { stage, done, total } = sent.assay ?? { stage: "", done: 0, total: 0 };
    const counts = total > 1 ? ", " + done.toLocaleString("en-US") + " of " + total.toLocaleString("en-US") : "";
    row.tell(stage === "" ? "waits until the server takes it in" : stage + counts, total > 1 ? done / total : null);
}
async function takeIn(id, row, signal) {
    let sent = await call("POST", STORE, { file_id: id });
    for (let tries = 0; sent.status === "in_progress" && !signal.aborted; tries++) {
        tellTakingIn(row, sent);
        await pause(Math.min(1000, 100 + 50 * tries));
        if (!signal.aborted)
            sent = await call("GET", STORE + "/" + encodeURIComponent(sent.id));
    }
    return sent.status === "completed" ? null : sent.last_error?.message ?? sent.status;
}
function byName(message) {
    return message.replace(/"[^"]*uploads\/files\/[0-9a-f]+\/([^"]*)"/g, "\u201c$1\u201d");
}
async function foundOf(id) {
    const folder = pathOf(id).replace(/[^/]*$/, "");
    const { data } = await call("GET", "/v1/documents?limit=100&after=" + fileId(folder));
    const own = data.filter((document) => document.path.startsWith(folder));
    if (own.some((document) => document.passages > 0))
        return "can be searched";
    return own.length > 0 || person?.is_admin ? NOTHING_FOUND : "was taken in; your key sees nothing of it";
}
async function sendDocument(file, row, signal) {
    let why, found = "";
    try {
        const id = row.stopped.aborted ? "" : await sendFile(file, "assistants", row);
        why = id === "" ? NOT_SENT : await takeIn(id, row, signal);
        if (why === null)
            found = await foundOf(id);
        if (found === NOTHING_FOUND)
            why = found;
    }
    catch (problem) {
        why = row.stopped.aborted ? NOT_SENT : reasonOf(problem);
    }
    why = why !== null ? byName(why) : null;
    row.end(why ?? found, why === null ? "good" : "bad");
    return why === null;
}
async function sendDocuments(files) {
    const { signal } = sending;
    const rows = files.map((file) => sentRow(file.name, signal));
    let good = 0;
    sentList.append(...rows.map((row) => row.item));
    announce("Sending " + counted(files.length, "file", "files"));
    underWay++;
    for (const [i, row] of rows.entries())
        if (!signal.aborted && await sendDocument(files[i], row, signal))
            good++;
    if (signal.aborted)
        return;
    underWay--;
    announce(counted(good, "file", "files") + " can be searched" + (good < files.length ? ", " + counted(files.length - good, "file", "files") + " could not be taken in" : ""));
    await askWho().catch(() => undefined);
    if (!signal.aborted)
        whenSent();
}
function forgetSent() {
    if (underWay === 0)
        fill(sentList);
}
function dropRoom(done) {
    const input = element("input", { type: "file", multiple: true, id: "files", class: "unseen" });
    const take = (files) => {
        if (files && files.length > 0)
            void sendDocuments(Array.from(files));
    };
    whenSent = done;
    input.addEventListener("change", () => {
        take(input.files);
        input.value = "";
    });
    const room = element("div", { class: "drop" }, input, element("label", { for: "files" }, element("b", {}, "Add documents"), element("span", {}, " Drop files here, or choose them: PDF, Word, Markdown, HTML, text, CSV, mail, archives\u2026")), sentList);
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
function isOvertaken(problem) {
    return problem instanceof Refusal && problem.status === 409;
}
function keySaid(settings) {
    if (settings.key_variable === null)
        return "The built-in model runs here; nothing leaves this machine.";
    return ["Its key is read from ", element("code", {}, settings.key_variable), " in the server\u2019s environment, which is ",
        element("b", { class: settings.has_key ? "good" : "bad" }, settings.has_key ? "set" : "not set"), ". Questions and passages are sent to the provider."];
}
function choices(titles) {
    return element("select", {}, Object.entries(titles).map(([value, title]) => element("option", { value }, title)));
}
function modelForm(first) {
    let stored = first;
    const told = element("div", {}), key = element("p", { class: "soft" });
    const model = element("input", { type: "text", required: true, maxlength: 300, autocomplete: "off", spellcheck: false });
    const approach = choices({ rag: "From passages that a search finds", full: "From all documents, in the prompt", prompt: "From what the model knows" });
    const target = element("input", { type: "number", min: 0, max: 1, step: "any" });
    const access = choices({ public: "Every key sees every document", "from-folder": "A document\u2019s folder is its label" });
    const rule = field("Who sees which document", access, "Labels are given when documents are added: after a change, whoever keeps this server adds them again (assay add)."), file = element("p", { class: "soft" });
    const show = (settings) => {
        stored = settings;
        model.value = settings.model;
        approach.value = settings.approach;
        target.value = String(settings.target);
        access.value = settings.access;
        file.hidden = access.value !== "";
        rule.hidden = !file.hidden;
        fill(file, "Labels come from ", element("code", {}, settings.access), ".");
        fill(key, keySaid(settings));
    };
    const changed = () => {
        const wanted = { model: model.value.trim(), approach: approach.value, target: Number(target.value), ...(rule.hidden ? {} : { access: access.value }) };
        return Object.fromEntries(Object.entries(wanted).filter(([name, value]) => value !== stored[name]));
    };
    const save = async (values) => {
        try {
            show(await call("POST", "/v1/settings", { ...values, was: Object.fromEntries(Object.keys(values).map((name) => [name, stored[name]])) }));
            fill(told, element("p", { class: "good", role: "status" }, "Saved in assay.yaml. The server uses it from the next question on."));
        }
        catch (problem) {
            if (isOvertaken(problem))
                await call("GET", "/v1/settings").then(show, () => undefined);
            fill(told, warning(reasonOf(problem) + (isOvertaken(problem) ? " The form has it now." : "")));
        }
    };
    const submit = async (event) => {
        event.preventDefault();
        const values = changed();
        fill(told);
        if (Object.keys(values).length === 0)
            fill(told, element("p", { role: "status" }, "Nothing was changed: assay.yaml has this already."));
        else if (values.access !== "public" || confirm("From the next adding of documents on, every key sees every document. Is that meant?"))
            await save(values);
    };
    show(first);
    return element("form", { submit }, field("Model", model, "builtin, openai:NAME, anthropic:NAME, or the address that assay.yaml has, with #NAME behind it. A new address is written into assay.yaml by hand."), key, field("How it answers", approach, "What is best here, a decision measures."), field("Score to be reached", target, "0 to 1, for decisions; 0: the best is looked for."), rule, file, element("button", { type: "submit", class: "main" }, "Save"), told);
}
const PRICES = { path: "/v1/prices", label: "The list, as prices.yaml has it", hint: "Providers change their prices: write down what they say, and of which day.",
    button: "Save the prices", saved: "Saved. Answers and decisions count with it from now on." };
const LABELS = { path: "/v1/labels", label: "A line for a document or a folder, with its labels", hint: "docs/hr,hr,managers: keys with one of these groups see what lies there. The line with the longest path counts; "
        + "what no line fits is seen by no key.", button: "Save the labels", saved: "Saved. Documents get their labels with the next adding: until then the old ones hold." };
function fileForm(file, first) {
    let stored = first;
    const told = element("div", {}), box = element("textarea", { rows: 14, spellcheck: false, class: "code" });
    box.value = first.text;
    const showOther = async (problem) => {
        stored = await call("GET", file.path);
        fill(told, warning(reasonOf(problem)), element("h3", {}, "As it is now"), element("pre", { class: "source", tabindex: 0, "aria-label": "As it is now" }, stored.text), element("p", {}, "Yours stands above. Put into it what shall stay of this one, then save again."));
    };
    const submit = async (event) => {
        event.preventDefault();
        fill(told);
        try {
            stored = await call("POST", file.path, { text: box.value, was: stored.mark });
            fill(told, element("p", { class: "good", role: "status" }, file.saved));
        }
        catch (problem) {
            fill(told, warning(reasonOf(problem)));
            if (isOvertaken(problem))
                await showOther(problem).catch(() => undefined);
        }
    };
    return element("form", { submit }, field(file.label, box, file.hint), element("button", { type: "submit", class: "plain" }, file.button), told);
}
async function showSettingsForms(room) {
    try {
        const [settings, prices] = await Promise.all([call("GET", "/v1/settings"), call("GET", "/v1/prices")]);
        const labels = settings.access.endsWith(".csv") ? await call("GET", "/v1/labels") : null;
        fill(room, element("section", {}, element("h2", {}, "Model and answers"), modelForm(settings)), labels !== null && element("section", {}, element("h2", {}, "Who sees which document"), fileForm(LABELS, labels)), element("section", {}, element("h2", {}, "Prices"), fileForm(PRICES, prices)));
    }
    catch (problem) {
        fill(room, warning(reasonOf(problem)));
    }
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
        fill(room, from > 0 && more(), element("pre", { class: "source", tabindex: 0, "aria-label": "Text of " + named(place.filename) }, markedText(bytes, from, to, start, end)), to < bytes.length && more());
        const spot = room.querySelector("mark");
        spot?.scrollIntoView({ block: "center" });
        (spot instanceof HTMLElement ? spot : room.querySelector("pre"))?.focus({ preventScroll: spot !== null });
    };
    draw(AROUND);
}
function placeSaid(place) {
    return place.page ? "page " + place.page : place.line ? "line " + place.line : "";
}
const CUTS_PAGE = 50;
function cutPlace(cut) {
    const lines = cut.line === cut.line_end ? "line " + cut.line : "lines " + cut.line + " to " + cut.line_end;
    return [cut.page !== null && "page " + cut.page, cut.line > 0 && lines, cut.headings.join(" \u203a ")].filter((part) => part !== false && part !== "").join(" \u00b7 ");
}
function cutItem(cut, open) {
    const where = cutPlace(cut);
    return element("li", {}, element("h3", {}, element("button", { type: "button", class: "link", title: "Show it in the text", click: () => open(cut) }, "Passage " + cut.number.toLocaleString("en-US"))), where !== "" && element("p", { class: "soft" }, where), element("div", { class: "cut" }, cut.text));
}
function cutSaid(about) {
    return counted(about.passages, "passage", "passages") + (about.unit ? ", cut by " + about.unit + (about.unit_reason ? " (" + about.unit_reason + ")" : "") : "")
        + (about.passages === 0 ? ". Nothing of it can be found." : about.passages === 1 ? ". A search finds it, and an answer is given from it, as it stands here."
            : ". A search finds these, and an answer is given from the best of them.");
}
async function showCuts(room, id, open) {
    const address = "/v1/documents/" + encodeURIComponent(id), list = element("ol", { class: "cuts" }), rest = element("div", {});
    const draw = async (after) => {
        const page = await call("GET", address + "/passages?limit=" + CUTS_PAGE + after);
        const items = page.data.map((cut) => cutItem(cut, open));
        list.append(...items);
        fill(rest, page.has_more && button("Show more", "plain", async () => {
            const first = await draw("&after=" + encodeURIComponent(page.last_id)).catch((problem) => void fill(rest, warning(reasonOf(problem))));
            first?.querySelector("button")?.focus();
        }));
        return items[0];
    };
    const [about] = await Promise.all([call("GET", address), draw("")]);
    fill(room, element("p", { class: "soft" }, cutSaid(about)), list, rest);
}
function makeDrawer(title, choose) {
    const room = element("div", { class: "source-room" }), where = element("p", { class: "soft" });
    const choices = { text: button("Text", "plain", () => choose("text")), passages: button("Passages", "plain", () => choose("passages")) };
    const dialog = element("dialog", { class: "drawer", "aria-labelledby": "drawer-title", close: () => dialog.remove() }, element("header", {}, element("h2", { id: "drawer-title" }, title), where, element("div", { class: "row views", role: "group", "aria-label": "What is shown" }, choices.passages, choices.text), button("Close", "plain", () => dialog.close())), room);
    dialog.addEventListener("click", (event) => event.target === dialog && event.detail < 2 && dialog.close());
    return { dialog, room, where, choices };
}
async function openSource(place, first = "text") {
    let shown = 0;
    let bytes = null;
    const address = "/v1/documents/" + encodeURIComponent(place.file_id) + "/content";
    const showView = async (view, at) => {
        const turn = ++shown, fresh = element("div", { class: "source-view" });
        drawer.where.textContent = view === "text" ? placeSaid(at) : "";
        for (const name of ["text", "passages"])
            drawer.choices[name].setAttribute("aria-pressed", String(name === view));
        drawer.room.setAttribute("aria-busy", "true");
        try {
            if (view === "text")
                bytes ?? (bytes = new Uint8Array(await (await request("GET", address)).arrayBuffer()));
            else
                await showCuts(fresh, place.file_id, (cut) => showView("text", { ...place, ...cut }));
        }
        catch (problem) {
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
const partNames = ["ask", "documents", "measure", "tune", "log", "settings"];
function screens() {
    const all = [
        { name: "ask", title: "Ask", show: showAsk, admin: false },
        { name: "documents", title: "Documents", show: showDocuments, admin: false },
        { name: "measure", title: "Measure", show: showMeasure, admin: true },
        { name: "tune", title: "Tune", show: showTune, admin: true },
        { name: "log", title: "Log", show: showLog, admin: true },
        { name: "settings", title: "Settings", show: showKeys, admin: true },
    ];
    return all.filter((screen) => !screen.admin || person?.is_admin);
}
async function wayGone() {
    if (!person?.is_admin)
        return null;
    const [log, cases, runs] = await Promise.all([call("GET", "/v1/log?limit=1"), call("GET", "/v1/cases"),
        call("GET", "/v1/runs")]);
    return { asked: log.entries > 0 && (person?.documents ?? 0) > 0, cases: cases.cases, decided: runs.data.some((run) => run.kind === "decide") };
}
function step(done, title, href, ...about) {
    return element("li", { class: done ? "ticked" : "" }, element("a", { href }, title), done && element("span", { class: "badge" }, "\u2713 done"), about);
}
async function showWay(room) {
    try {
        const way = await wayGone(), documents = person?.documents ?? 0;
        if (way === null || !room.isConnected || (documents > 0 && way.asked && way.cases >= CASES_WANTED && way.decided))
            return;
        fill(room, element("section", { class: "steps", "aria-label": "First steps" }, element("h2", {}, documents === 0 ? "This project has no documents yet" : "The way to a verdict"), element("ol", {}, step(documents > 0, "Add documents", "#documents", documents > 0 ? ": " + counted(documents, "document", "documents") + "." : ": drop them in."), step(way.asked, "Ask", "#ask", " something that they answer, and something that they do not."), step(way.cases >= CASES_WANTED, "Write ten test cases", "#measure/cases", ": " + (way.cases === 0 ? "tell of each answer whether it was right." : way.cases.toLocaleString("en-US") + " so far.")), step(way.decided, "Decide", "#measure", ": measure which approach to build."))));
    }
    catch {
    }
}
function firstSteps() {
    if (person?.is_admin) {
        const room = element("div", {});
        setTimeout(() => void showWay(room), 0);
        return room;
    }
    return element("section", { class: "steps", "aria-label": "First steps" }, element("h2", {}, "This project has no documents yet"), element("ol", {}, element("li", {}, element("b", {}, "Add documents"), person?.may_write ? [": drop them into ", element("a", { href: "#documents" }, "Documents"), "."]
        : ": your key may not; whoever keeps this server can."), element("li", {}, element("b", {}, "Ask"), " something that they answer, and something that they do not."), element("li", {}, element("b", {}, "Write ten test cases"), ": tell of each answer whether it was right."), element("li", {}, element("b", {}, "Decide"), ": measure which approach to build.")));
}
function showSignIn(reason) {
    const main = document.getElementById("main");
    const key = element("input", { type: "password", id: "key", autocomplete: "off", spellcheck: false, required: true, maxlength: 79 });
    const problem = element("div", {}, reason !== "" && warning(reason));
    const submit = async (event) => {
        event.preventDefault();
        try {
            if (!/^[!-~]*$/.test(key.value.trim()))
                throw new Refusal(401, "This is no key: keys have letters, digits and signs of ASCII alone. The list of keys shows only how each begins; a key was shown whole once, when it was made.");
            if (key.value.trim() !== keyOf())
                forgetTurns();
            keepKey(key.value.trim());
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
        fill(main, element("form", { class: "sign-in", submit }, element("h1", {}, "Sign in"), element("p", { class: "about" }, "With a key of this project. The server showed the first one when it was started first; whoever has that one makes more, under Settings."), field("Key", key, "Kept in this tab until it is closed."), problem, element("button", { type: "submit", class: "main" }, "Sign in")));
    document.title = "Sign in \u00b7 assay";
    key.focus();
}
function signOut(reason) {
    asking?.abort();
    stopSending();
    closeDialogs();
    keepKey(null);
    person = null;
    forgetTurns();
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
    const isRefused = screen?.name !== name && partNames.includes(name ?? "");
    if (!main || !screen || person === null)
        return;
    drawTabs(screen.name);
    document.title = screen.title + " \u00b7 " + person.project;
    fill(main);
    if (isRefused)
        fill(main, heading("Not with this key", "This part is for keys that may see everything (the group @admin)."), element("p", {}, element("a", { href: "#ask" }, "Ask the documents")));
    else
        screen.show(main, rest);
}
function closeDialogs() {
    for (const dialog of Array.from(document.querySelectorAll("dialog")))
        dialog.close();
}
let goes = 0;
async function goToScreen() {
    if (keyOf() === null)
        return;
    const turn = ++goes, main = document.getElementById("main");
    closeDialogs();
    main?.replaceChildren();
    await askWho().catch(() => undefined);
    if (turn !== goes || keyOf() === null)
        return;
    showScreen();
    main?.focus();
}
function start() {
    showScreen();
}
document.addEventListener("DOMContentLoaded", () => {
    signedOut = signOut;
    window.addEventListener("hashchange", () => void goToScreen());
    if (keyOf() === null)
        showSignIn("");
    else
        askWho().then(takeTurnsUp).then(start, (refusal) => keyOf() !== null && showSignIn(reasonOf(refusal)));
});
const TASK_STATES = {
    queued: "waits until what runs before it is done", running: "runs", stopping: "is being stopped", done: "is done", failed: "has failed", cancelled: "was cancelled",
};
const TASK_KINDS = {
    eval: "Evaluation", decide: "Decision", plan: "Plan of a decision", draft: "Test cases proposed", tune: "Training",
};
const LOOK_EVERY = 600, AWAY_EVERY = 2000;
function taskTitle(task) {
    if (task.kind === "tune")
        return task.request?.check === true ? "Looking at the examples" : "Training of \u201c" + String(task.request?.name ?? "") + "\u201d";
    return TASK_KINDS[task.kind] ?? task.kind;
}
function progressBar(task) {
    const progress = task.progress;
    if (task.finished_at !== null)
        return null;
    if (!progress)
        return element("p", { class: "soft waiting" }, task.state === "running" ? "Begins\u2026" : TASK_STATES[task.state]);
    const said = progress.stage + ": " + progress.done.toLocaleString("en-US") + (progress.total > 0 ? " of " + progress.total.toLocaleString("en-US") : "");
    return element("div", { class: "progress" }, progress.total > 0 && element("progress", { max: progress.total, value: progress.done, "aria-label": progress.stage }), element("small", {}, said));
}
async function cancelTask(task, room) {
    try {
        await call("POST", "/v1/tasks/" + task.id + "/cancel");
        announce(taskTitle(task) + " is being stopped");
    }
    catch (problem) {
        room.append(warning(reasonOf(problem)));
    }
}
function withoutOptions(message) {
    return message.replace(/[^.:]* --[a-z][^.]*\.\s*$/, "").trim() || message;
}
function drawTask(task, room, extra) {
    const focused = room.contains(document.activeElement);
    const cancel = button("Cancel", "plain", () => cancelTask(task, room));
    const lines = task.lines ?? [];
    cancel.disabled = task.state === "stopping";
    room.dataset.underWay = String(task.finished_at === null);
    fill(room, element("div", { class: "row spread" }, element("h3", {}, taskTitle(task)), task.finished_at === null && cancel), progressBar(task), task.state === "queued" && task.message !== "" && element("p", { class: "soft" }, "It waits: " + task.message + "."), task.state === "failed" && warning(withoutOptions(byName(task.message))), task.state === "cancelled" && element("p", { class: "soft" }, "It was cancelled."
        + (task.kind === "decide" ? " What it had measured by then is used when it is started again." : "")), task.state !== "failed" && lines.length > 0 && element("ul", { class: "lines" }, lines.slice(-8).map((line) => element("li", {}, line))), extra);
    if (focused && task.finished_at === null)
        cancel.focus();
}
async function lookAgain(id, room) {
    for (let wait = LOOK_EVERY;; wait = AWAY_EVERY) {
        await pause(wait);
        if (!room.isConnected)
            return null;
        try {
            return await call("GET", "/v1/tasks/" + id);
        }
        catch (problem) {
            if (problem instanceof Refusal && [401, 403, 404].includes(problem.status))
                throw problem;
        }
    }
}
function followTask(first, follow) {
    const room = element("section", { class: "task", "aria-label": taskTitle(first) }), extra = element("div", {});
    const look = async () => {
        let task = first;
        for (;;) {
            drawTask(task, room, extra);
            try {
                await follow.tick?.(task, extra);
            }
            catch { }
            if (task.finished_at !== null)
                break;
            const now = await lookAgain(task.id, room);
            if (now === null)
                return;
            task = now;
        }
        announce(taskTitle(task) + " " + (TASK_STATES[task.state] ?? task.state));
        await follow.done(task);
    };
    drawTask(first, room, extra);
    setTimeout(() => void look().catch((problem) => room.append(warning(reasonOf(problem)))), 0);
    return room;
}
function putTask(room, ...children) {
    putFirst(room, (each) => each.dataset.underWay === "true", children);
}
async function startTask(request, room, follow) {
    try {
        putTask(room, followTask(await call("POST", "/v1/tasks", request), follow));
        announce("Started");
    }
    catch (problem) {
        putTask(room, warning(reasonOf(problem)));
    }
}
async function tasksUnderWay(kinds) {
    const { data } = await call("GET", "/v1/tasks");
    const ours = data.filter((task) => kinds.includes(task.kind));
    return ours.filter((task, i) => task.finished_at === null || (i === 0 && task.state === "failed"));
}
function choice(label, hint) {
    const id = "choice-" + ++fieldCount;
    const box = element("input", { type: "checkbox", id, "aria-describedby": id + "-hint" });
    return { box, shown: element("div", { class: "check" }, element("label", { for: id }, box, " " + label), element("small", { id: id + "-hint" }, hint)) };
}
const TASKS = {
    classify: "Classifier", embed: "Embedding model", rerank: "Reranker", reader: "Reader of answers", writer: "Writer of answers",
};
function scoreOf(scores, name) {
    const value = scores?.[name];
    const bound = (which) => {
        const found = scores?.[name + "_" + which] ?? (name === "accuracy" ? scores?.[which] : undefined);
        return typeof found === "number" ? found : undefined;
    };
    if (Array.isArray(value) && value.length === 3)
        return Number(value[0]) < 0 ? null : { value: Number(value[0]), low: Number(value[1]), high: Number(value[2]) };
    const [low, high] = [bound("low"), bound("high")];
    if (typeof value !== "number" || value < 0)
        return null;
    return low !== undefined && high !== undefined ? { value, low, high } : { value };
}
function scoreSaid(score) {
    if (score === null)
        return element("span", { class: "soft" }, "not measured");
    return [element("b", {}, percent(score.value)), score.low !== undefined && score.high !== undefined && score.high > score.low &&
            element("small", {}, percent(score.low) + " to " + percent(score.high))];
}
const WORK_NAMES = { reader: "reader", writer: "writer", rerank: "reranker" };
async function promote(name, to, redraw) {
    if (!confirm("Use \u201c" + name + "\u201d as the " + to + "? Answers come by it from now on; one that was used before is kept beside it."))
        return;
    try {
        await call("POST", "/v1/adapters/" + encodeURIComponent(name) + "/promote", { to });
        announce(name + " is in use as the " + to);
    }
    catch (problem) {
        alert(reasonOf(problem));
    }
    redraw();
}
async function discard(name, redraw) {
    if (!confirm("Discard \u201c" + name + "\u201d? What was learned is removed from the disk."))
        return;
    try {
        await call("DELETE", "/v1/adapters/" + encodeURIComponent(name));
        announce(name + " is discarded");
    }
    catch (problem) {
        alert(reasonOf(problem));
    }
    redraw();
}
function adapterActions(name, task, redraw) {
    const work = WORK_NAMES[task];
    return element("div", { class: "row" }, work !== undefined && (work === name ? element("span", { class: "badge chosen" }, "in use")
        : button("Use it as the " + work, "plain", () => promote(name, work, redraw))), task === "classify" && element("small", {}, "Used by ", element("code", {}, "assay classify --adapter " + name)), task === "embed" && element("small", {}, "Used once assay.yaml says ", element("code", {}, "embedding: .assay/adapters/" + name)), element("button", { type: "button", class: "quiet", "aria-label": "Discard " + name, click: () => discard(name, redraw) }, "Discard"));
}
function adapterPart(adapter, redraw) {
    const name = adapter.folder ?? adapter.name;
    if (adapter.problem !== undefined)
        return element("section", {}, element("h2", {}, name), warning(adapter.problem));
    const { before, after } = adapter.scores ?? {};
    const names = Object.keys(after ?? {}).filter((name) => !/(^|_)(low|high)$/.test(name) && scoreOf(after, name) !== null);
    const about = [TASKS[adapter.task ?? ""] ?? adapter.task, adapter.method, adapter.base?.name && "on " + adapter.base.name,
        adapter.data?.examples !== undefined && counted(adapter.data.examples, "example", "examples"), adapter.created && momentSaid(adapter.created)];
    return element("section", {}, element("h2", {}, name), element("p", { class: "soft" }, about.filter(Boolean).join(" \u00b7 ")), adapterActions(name, adapter.task ?? "", redraw), names.length > 0 && table("Scores of " + name, ["Over " + counted(adapter.scores?.cases ?? 0, "case", "cases"), "Before", "After"], names.map((name) => [name.replace(/_/g, " "), scoreSaid(scoreOf(before, name)), scoreSaid(scoreOf(after, name))])));
}
const METHODS = [["auto", "What suits the number of examples"], ["head", "A regression on vectors: seconds"], ["lora", "Few weights beside the model\u2019s"],
    ["full", "Every weight"]];
const CURVE_WIDTH = 400, CURVE_HEIGHT = 120;
function lossCurve(steps) {
    const losses = steps.filter((step) => typeof step.loss === "number");
    const last = losses[losses.length - 1];
    if (losses.length < 2 || !last)
        return null;
    const most = Math.max(...losses.map((step) => step.loss ?? 0), 1e-9), end = Math.max(last.step, 1);
    const points = losses.map((step) => (step.step / end * CURVE_WIDTH).toFixed(1) + "," + (CURVE_HEIGHT - (step.loss ?? 0) / most * (CURVE_HEIGHT - 6)).toFixed(1));
    const said = "Loss " + (last.loss ?? 0).toFixed(3) + " at step " + last.step.toLocaleString("en-US") + ", " + (losses[0]?.loss ?? 0).toFixed(3) + " at the beginning";
    const plot = document.createElementNS("http://www.w3.org/2000/svg", "svg"), line = document.createElementNS("http://www.w3.org/2000/svg", "polyline");
    plot.setAttribute("viewBox", "0 0 " + CURVE_WIDTH + " " + CURVE_HEIGHT);
    plot.setAttribute("class", "curve");
    plot.setAttribute("role", "img");
    plot.setAttribute("aria-label", said);
    line.setAttribute("points", points.join(" "));
    plot.append(line);
    return [plot, element("p", { class: "soft" }, said)];
}
async function drawCurve(task, room) {
    if (task.request?.check === true || task.started_at === null)
        return;
    try {
        const text = await (await request("GET", "/v1/tasks/" + task.id + "/training")).text();
        fill(room, lossCurve(text.split("\n").filter((line) => line !== "").map((line) => JSON.parse(line))));
    }
    catch (problem) {
        if (!(problem instanceof Refusal) || problem.status !== 404)
            throw problem;
    }
}
function tuneFindings(found) {
    const rejected = found.examples?.rejected ?? [];
    return element("div", {}, element("p", {}, element("b", {}, counted(found.examples.usable, "usable example", "usable examples")), " of " +
        counted(found.examples.records, "record", "records") + (found.examples.read_as ? ", read as " + found.examples.read_as : "") + "."), found.findings.length === 0 ? element("p", { class: "good" }, "Nothing is wrong with them.") : element("ol", { class: "findings" }, found.findings.map((finding) => element("li", {}, element("p", {}, element("b", { class: "badge " + (finding.blocks ? "high" : finding.severity) }, finding.kind.replace(/_/g, " ") + ", " + finding.severity), " ", finding.message), element("p", { class: "soft" }, "Remedy: " + finding.remedy), inParts(finding.places.length, 5, (shown) => element("ul", { class: "places" }, finding.places.slice(0, shown).map((place) => element("li", {}, (place.line > 0 ? "line " + place.line + ": " : "") + place.text))))))), rejected.length > 0 && [element("p", {}, counted(found.examples.rejected_count, "record is", "records are") + " no example:"),
        inParts(rejected.length, 10, (shown) => element("ul", { class: "places" }, rejected.slice(0, shown).map((each) => element("li", {}, "line " + each.line + ": " + each.reason))))]);
}
const LABELS_IN_MATRIX = 12;
function confusionMatrix(found) {
    const labels = found.labels.filter((label) => label.cases > 0).slice(0, LABELS_IN_MATRIX).map((label) => label.label);
    const wrong = new Map((found.confusions ?? []).map((each) => [each.truth + "\u0000" + each.answer, each.count]));
    if (labels.length === 0 || found.confusions === undefined)
        return null;
    const right = (name) => {
        const label = found.labels.find((each) => each.label === name);
        return Math.round((label?.recall ?? 0) * (label?.cases ?? 0));
    };
    return [element("h3", {}, "What was taken for what"), table("Confusion matrix", ["Truth \u2193, answer \u2192", ...labels], labels.map((truth) => [truth,
            ...labels.map((answer) => truth === answer ? element("b", { class: "good" }, String(right(truth))) : String(wrong.get(truth + "\u0000" + answer) ?? ""))]), false),
        found.labels.length > labels.length && element("p", { class: "soft" }, "The first " + labels.length + " labels.")];
}
async function showLearned(task, room, redraw) {
    if (task.state !== "done")
        return;
    const found = await call("GET", "/v1/tasks/" + task.id + "/output");
    if (task.request?.check === true) {
        putTask(room, element("section", { class: "task" }, element("h3", {}, "What the examples are like"), tuneFindings(found)));
        return;
    }
    const curve = element("div", {});
    putTask(room, element("section", { class: "task" }, element("h3", {}, "\u201c" + task.result + "\u201d was learned"), curve, tuneFindings(found), confusionMatrix(found)));
    redraw();
    await drawCurve(task, curve);
}
async function exampleFiles() {
    const [settings, files] = await Promise.all([call("GET", "/v1/settings"), callAll("/v1/files?purpose=fine-tune&limit=1000")]);
    const sent = files.map((file) => [file.id, named(file.filename) + " (sent " + momentSaid(new Date(1000 * file.created_at).toISOString()) + ", " + bytesSaid(file.bytes) + ")"]);
    return settings.has_examples ? [[settings.examples, settings.examples + " (of assay.yaml)"], ...sent] : sent;
}
function tuneForm(redraw) {
    const work = element("select", {}, Object.entries(TASKS).map(([name, title]) => element("option", { value: name }, title)));
    const file = element("select", {}), name = element("input", { type: "text", maxlength: 40, pattern: "[a-z0-9][a-z0-9\\-]*", autocomplete: "off", spellcheck: false });
    const other = element("input", { type: "text", maxlength: 4000, autocomplete: "off", spellcheck: false });
    const upload = element("input", { type: "file" });
    const method = element("select", {}, METHODS.map(([value, title]) => element("option", { value }, title)));
    const epochs = element("input", { type: "number", min: 1, max: 100, step: 1 });
    const room = element("div", {}), checked = element("div", {});
    const ways = () => {
        method.closest(".field").hidden = work.value !== "classify";
        epochs.closest(".field").hidden = work.value === "classify";
    };
    const fillFiles = async (chosen = "") => {
        const files = await exampleFiles();
        fill(file, [...files, ["", "another file of the project\u2026"]].map(([id, title]) => element("option", { value: id, selected: chosen !== "" && id === chosen }, title)));
        other.closest(".field").hidden = file.value !== "";
    };
    const send = async () => {
        const [chosen] = Array.from(upload.files ?? []);
        if (!chosen)
            return;
        const row = sentRow(chosen.name, sending.signal);
        fill(checked, element("ul", { class: "sent" }, row.item));
        const id = await sendFile(chosen, "fine-tune", row);
        row.end("was sent", "good");
        announce(chosen.name + " was sent");
        await fillFiles(id);
    };
    const wanted = () => ({ kind: "tune", task: work.value, file: file.value !== "" ? file.value : other.value.trim() });
    const follow = { tick: drawCurve, done: (task) => showLearned(task, task.request?.check === true ? checked : room, redraw) };
    const check = () => startTask({ ...wanted(), check: true }, checked, follow);
    const train = (event) => {
        event.preventDefault();
        const how = work.value === "classify" ? { method: method.value } : epochs.value !== "" ? { epochs: Number(epochs.value) } : {};
        return startTask({ ...wanted(), name: name.value.trim(), ...how }, room, follow);
    };
    work.addEventListener("change", ways);
    upload.addEventListener("change", () => void send().catch((problem) => fill(checked, warning(reasonOf(problem)))));
    file.addEventListener("change", () => {
        other.closest(".field").hidden = file.value !== "";
    });
    const form = element("section", {}, element("h2", {}, "Train"), element("form", { submit: train }, field("What is to be learned", work), field("Examples", file), field("Path of the file, from the project's folder", other), field("Or send a file", upload, "A table with the columns text and label, or JSON lines like {\"text\": \"\u2026\", \"label\": \"\u2026\"} or {\"input\": \"\u2026\", \"output\": \"\u2026\"}."), field("How it is learned", method), field("Rounds", epochs, "How often all of them are gone through. Empty: as often as is usual."), field("Name of what is learned", name, "Small letters, digits and hyphens: \u201ctickets-2\u201d."), element("div", { class: "row" }, button("Look at the examples", "plain", check), element("button", { type: "submit", class: "main" }, "Train"))), checked, room);
    name.required = true;
    ways();
    void fillFiles().catch((problem) => fill(checked, warning(reasonOf(problem))));
    void tasksUnderWay(["tune"]).then((under) => under.length > 0 && fill(room, under.map((task) => followTask(task, follow)))).catch(() => undefined);
    return form;
}
async function showTune(main) {
    const room = element("div", {});
    const redraw = () => void showAdapters(room);
    fill(main, heading("Tune", "Look at examples, learn from them, and use what was learned, or discard it."), tuneForm(redraw), room);
    redraw();
}
async function showAdapters(room) {
    const redraw = () => void showAdapters(room);
    try {
        const { data } = await call("GET", "/v1/adapters");
        fill(room, data.length > 0 ? data.map((adapter) => adapterPart(adapter, redraw)) : element("section", { class: "steps" }, element("h2", {}, "Nothing was tuned yet"), element("p", {}, "Prompts come first, then retrieval; tuning changes how a model behaves every time. A decision under ", element("a", { href: "#measure" }, "Measure"), " tells whether it would help; here it is done, and measured before and after.")));
    }
    catch (problem) {
        fill(room, warning(reasonOf(problem)));
    }
}
function addChild(parent, child) {
    if (child === null || child === undefined || child === false)
        return;
    if (child instanceof Node)
        parent.appendChild(child);
    else if (typeof child === "string")
        parent.appendChild(document.createTextNode(child));
    else
        child.forEach((each) => addChild(parent, each));
}
function oneAtATime(act) {
    let isBusy = false, told = null;
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
function element(tag, attributes, ...children) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes))
        if (typeof value === "function")
            made.addEventListener(name, oneAtATime(value));
        else if (value !== false)
            made.setAttribute(name, value === true ? "" : String(value));
    addChild(made, children);
    return made;
}
function putFirst(parent, keeps, ...children) {
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
function fill(parent, ...children) {
    putFirst(parent, () => false, children);
}
let saidAt = 0;
function announce(text) {
    const said = document.getElementById("said");
    saidAt = performance.now();
    if (said)
        said.textContent = text;
}
const SAY_EVERY = 5000;
function announceProgress(text) {
    if (performance.now() - saidAt >= SAY_EVERY)
        announce(text);
}
function setBar(bar, label, share) {
    bar.setAttribute("aria-label", label);
    bar.max = 100;
    if (share === null)
        bar.removeAttribute("value");
    else
        bar.value = Math.floor(100 * share);
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
function table(caption, columns, rows, stacks = columns.length > 3) {
    const kept = columns.map((name, i) => name !== "Action" || rows.some((row) => row[i] !== "")), shown = (all) => all.filter((_, i) => kept[i]);
    const names = shown(columns);
    return element("div", { class: stacks ? "wide stacks" : "wide", role: "region", "aria-label": caption, tabindex: 0 }, element("table", { role: "table" }, element("caption", {}, caption), element("thead", { role: "rowgroup" }, element("tr", { role: "row" }, names.map((name) => element("th", { scope: "col", role: "columnheader" }, name)))), element("tbody", { role: "rowgroup" }, rows.map((row) => element("tr", { role: "row" }, shown(row).map((cell, i) => i === 0 ? element("th", { scope: "row", role: "rowheader" }, cell) : element("td", { role: "cell", "data-column": names[i] ?? "" }, cell)))))));
}
function inParts(count, some, draw) {
    const room = element("div", {});
    const show = (shown) => fill(room, draw(shown), count > shown &&
        button("Show " + Math.min(some, count - shown).toLocaleString("en-US") + " more of " + count.toLocaleString("en-US"), "plain", () => {
            show(shown + some);
            focusItem(room, shown);
        }));
    show(some);
    return room;
}
function focusItem(room, index) {
    const item = room.querySelector("tbody, ul, ol")?.children[index];
    if (!(item instanceof HTMLElement))
        return;
    item.tabIndex = -1;
    item.focus({ preventScroll: true });
}
function named(name) {
    return name.replace(/[\u0000-\u001f\u007f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, (mark) => "\\u" + mark.charCodeAt(0).toString(16).padStart(4, "0"));
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
