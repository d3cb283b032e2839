// cases.ts - test cases: read, written, changed and removed; and proposals from the documents, of which a person takes what is right.

interface TestCase {
    line: number;
    mark: string; /* of the very line: a change by somebody else meanwhile is not undone unseen */
    case: Record<string, unknown>;
}

interface Draft {
    question: string;
    answer: string;
    source: string;
    quote: string;
}

const CASES_PAGE = 100;
const CASES_WANTED = 10;

/* Proposals that were turned down in this tab. */
const turnedDown = new Set<string>();

function textIn(item: Record<string, unknown>, ...names: string[]): string {
    for (const name of names)
        if (typeof item[name] === "string")
            return item[name] as string;
    return "";
}

function answerIn(item: Record<string, unknown>): unknown {
    return item.answer !== undefined ? item.answer : item.expected;
}

function answerSaid(item: Record<string, unknown>): string {
    const answer = answerIn(item);
    return answer === undefined ? "any: only whether the source is found counts" : answer === null ? "none: the documents do not answer it"
        : Array.isArray(answer) ? answer.map(String).join(" / ") : typeof answer === "string" ? answer : JSON.stringify(answer);
}

function sourceSaid(item: Record<string, unknown>): string {
    return named(Array.isArray(item.source) ? item.source.map(String).join(", ") : textIn(item, "source"));
}

interface CaseFields {
    shown: Child;
    values: () => Record<string, unknown>;
    first: HTMLElement;
}

/* Question, answer or that there is none, and source. An answer of several forms is left as it is. */
function caseFields(item: Record<string, unknown> | null): CaseFields {
    const answer = item ? answerIn(item) : "";
    const isPlain = item === null || answer === null || (typeof answer === "string" && !Array.isArray(item.source));
    const question = element("textarea", { rows: 2, maxlength: 8000, required: true });
    const wanted = element("textarea", { rows: 2, maxlength: 8000 });
    const source = element("input", { type: "text", maxlength: 4000, autocomplete: "off", spellcheck: false });
    const none = element("input", { type: "checkbox", checked: item !== null && answer === null });
    const rest = element("div", {}, field("The answer wanted", wanted, "As short as it can be said: \u201c45 days\u201d."),
        field("The document that proves it", source, "Its path, as the documents list it; may be empty."));
    const draw = (): void => {
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

/* Shows the form in a dialog; `send` refuses by an exception. */
function caseDialog(title: string, item: Record<string, unknown> | null, send: (values: Record<string, unknown>) => Promise<unknown>): void {
    const fields = caseFields(item), problem = element("div", {});
    const submit = async (event: Event): Promise<void> => {
        event.preventDefault();
        try {
            await send(fields.values());
            dialog.close();
        } catch (reason) {
            fill(problem, warning(reasonOf(reason)));
        }
    };
    const dialog: HTMLDialogElement = element("dialog", { class: "sheet", "aria-labelledby": "sheet-title", close: () => dialog.remove() },
        element("form", { submit }, element("h2", { id: "sheet-title" }, title), fields.shown, problem, element("div", { class: "row" },
            element("button", { type: "submit", class: "main" }, "Save"), button("Cancel", "plain", () => dialog.close()))));
    document.body.append(dialog);
    dialog.showModal();
    fields.first.focus();
}

async function removeCase(item: TestCase, redraw: () => void): Promise<void> {
    const question = textIn(item.case, "question", "input");
    if (!confirm("Remove the test case \u201c" + question + "\u201d?"))
        return;
    try {
        await call("POST", "/v1/cases/" + item.line + "/remove", { was: question, mark: item.mark });
        announce("Removed");
    } catch (problem) {
        alert(reasonOf(problem));
    }
    redraw();
}

function caseRow(item: TestCase, redraw: () => void): Child[] {
    const question = textIn(item.case, "question", "input");
    const change = (): void => caseDialog("Change line " + item.line, item.case, async (values) => {
        await call("POST", "/v1/cases/" + item.line, { ...values, was: question, mark: item.mark });
        announce("Saved");
        redraw();
    });
    return [element("p", { class: "given" }, question), element("p", { class: "given" }, answerSaid(item.case)), sourceSaid(item.case),
        element("div", { class: "row tight" }, element("button", { type: "button", class: "quiet", "aria-label": "Change: " + question, click: change }, "Change"),
            element("button", { type: "button", class: "quiet", "aria-label": "Remove: " + question, click: () => removeCase(item, redraw) }, "Remove"))];
}

async function showCaseList(room: HTMLElement): Promise<void> {
    const redraw = (): void => void showCaseList(room);
    try {
        const { data, cases, path } = await call<{ data: TestCase[]; cases: number; path: string }>("GET", "/v1/cases");
        const list = inParts(data.length, CASES_PAGE, (shown) => table("Test cases", ["Question", "Answer wanted", "Source", "Action"], data.slice(0, shown).map((item) => caseRow(item, redraw))));
        const add = (): void => caseDialog("A new test case", null, async (values) => {
            await call("POST", "/v1/cases", values);
            announce("Saved");
            redraw();
        });
        fill(room, element("div", { class: "row spread" }, element("h2", {}, cases === 0 ? "No test cases yet" : counted(cases, "test case", "test cases")),
            button("Write a test case", "main", add)),
            element("p", { class: "soft" }, cases < CASES_WANTED ? "Ten are a beginning, sixty tell approaches apart that differ by ten points. They stand in "
                : "They stand in ", element("code", {}, path), ", a line each."), data.length > 0 && list,
            cases > data.length && element("p", {}, "The first " + data.length.toLocaleString("en-US") + " are here; the others are changed in the file."));
    } catch (problem) {
        fill(room, warning(reasonOf(problem)));
    }
}

/* ---- proposals ---- */

function draftItem(draft: Draft, left: () => void, redraw: () => void): HTMLElement {
    const problem = element("div", {});
    const gone = (): void => {
        const next = item.nextElementSibling ?? item.previousElementSibling;
        turnedDown.add(draft.question);
        item.remove();
        next?.querySelector("button")?.focus();
        left();
    };
    const take = async (values: Record<string, unknown>): Promise<void> => {
        await call("POST", "/v1/cases", values);
        announce("Taken as a test case");
        gone();
        redraw();
    };
    const accept = (): Promise<void> => take({ question: draft.question, answer: draft.answer, source: draft.source }).catch((reason) => fill(problem, warning(reasonOf(reason))));
    const item: HTMLLIElement = element("li", {}, element("p", {}, element("b", {}, draft.question)), element("p", {}, draft.answer),
        element("blockquote", {}, draft.quote), element("p", { class: "soft" }, named(draft.source)),
        element("div", { class: "row" }, button("Accept", "plain", accept), button("Change, then accept", "plain", () => caseDialog("A proposed test case",
            { question: draft.question, answer: draft.answer, source: draft.source }, take)), button("Reject", "plain", gone)), problem);
    return item;
}

async function showDrafts(task: Task, room: HTMLElement, redraw: () => void): Promise<void> {
    try {
        const [{ drafts }, { data }] = await Promise.all([call<{ drafts: Draft[] }>("GET", "/v1/tasks/" + task.id + "/output"),
            call<{ data: TestCase[] }>("GET", "/v1/cases")]);
        const there = new Set(data.map((item) => textIn(item.case, "question", "input").trim()));
        const open = drafts.filter((draft) => !there.has(draft.question.trim()) && !turnedDown.has(draft.question));
        const head = element("h3", {});
        const list = element("ol", { class: "drafts" });
        const left = (): void => {
            const count = list.childElementCount;
            head.textContent = count === 0 ? drafts.length === 0 ? "The documents gave nothing to propose" : "All proposals are settled"
                : counted(count, "proposal", "proposals") + " to settle";
        };
        list.append(...open.map((draft) => draftItem(draft, left, redraw)));
        left();
        fill(room, head, open.length > 0 && element("p", { class: "soft" }, "Each is checked by you: a wrong test case measures wrongly."), list);
    } catch (problem) {
        fill(room, warning(reasonOf(problem)));
    }
}

function draftSection(redraw: () => void): HTMLElement {
    const room = element("div", {}), shown = element("div", {});
    const count = element("input", { type: "number", min: 1, max: 500, value: 20, required: true });
    const follow: Follow = {
        done: (task) => {
            if (task.state === "done") {
                putTask(room);
                return showDrafts(task, shown, redraw);
            }
            return undefined;
        },
    };
    const submit = (event: Event): Promise<void> => {
        event.preventDefault();
        fill(shown);
        return startTask({ kind: "draft", count: Number(count.value) }, room, follow);
    };
    void call<{ data: Task[] }>("GET", "/v1/tasks").then(({ data }) => {
        const last = data.find((task) => task.kind === "draft");
        if (last && last.finished_at === null)
            fill(room, followTask(last, follow));
        else if (last?.state === "done")
            return showDrafts(last, shown, redraw);
        return undefined;
    }).catch(() => undefined);
    return element("section", {}, element("h2", {}, "Proposals from the documents"),
        element("form", { class: "search", submit }, field("How many", count), element("button", { type: "submit", class: "plain" }, "Propose test cases")), room, shown);
}

function showCases(main: HTMLElement): void {
    const list = element("section", {});
    const redraw = (): void => void showCaseList(list);
    fill(main, heading("Measure", "Which approach to build, by the project's own test cases."), measureTabs("cases"), list, draftSection(redraw));
    redraw();
}
