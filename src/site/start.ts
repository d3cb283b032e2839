// start.ts - signing in, and which part of the page is shown: the address behind "#" says it, so that back, forward and bookmarks work.

interface Part {
    name: string;
    title: string;
    show: (main: HTMLElement, rest: string[]) => unknown;
    admin: boolean; /* for who may see everything */
}

const partNames = ["ask", "documents", "measure", "tune", "log", "settings"];

function screens(): Part[] {
    const all: Part[] = [
        { name: "ask", title: "Ask", show: showAsk, admin: false },
        { name: "documents", title: "Documents", show: showDocuments, admin: false },
        { name: "measure", title: "Measure", show: showMeasure, admin: true },
        { name: "tune", title: "Tune", show: showTune, admin: true },
        { name: "log", title: "Log", show: showLog, admin: true },
        { name: "settings", title: "Settings", show: showKeys, admin: true },
    ];
    return all.filter((screen) => !screen.admin || person?.is_admin);
}

/* How far the project is, by what is there. Null: this key may not know. */
interface Way {
    asked: boolean;
    cases: number;
    decided: boolean;
}

async function wayGone(): Promise<Way | null> {
    if (!person?.is_admin)
        return null;
    const [log, cases, runs] = await Promise.all([call<{ entries: number }>("GET", "/v1/log?limit=1"), call<{ cases: number }>("GET", "/v1/cases"),
        call<{ data: Run[] }>("GET", "/v1/runs")]);
    return { asked: log.entries > 0 && (person?.documents ?? 0) > 0, cases: cases.cases, decided: runs.data.some((run) => run.kind === "decide") };
}

function step(done: boolean, title: string, href: string, ...about: Child[]): HTMLElement {
    return element("li", { class: done ? "ticked" : "" }, element("a", { href }, title), done && element("span", { class: "badge" }, "\u2713 done"), about);
}

/* From nothing to a verdict: each step is ticked off by what the project has. Nothing where all are done. */
async function showWay(room: HTMLElement): Promise<void> {
    try {
        const way = await wayGone(), documents = person?.documents ?? 0;
        if (way === null || !room.isConnected || (documents > 0 && way.asked && way.cases >= CASES_WANTED && way.decided))
            return;
        fill(room, element("section", { class: "steps", "aria-label": "First steps" }, element("h2", {}, documents === 0 ? "This project has no documents yet" : "The way to a verdict"), element("ol", {},
            step(documents > 0, "Add documents", "#documents", documents > 0 ? ": " + counted(documents, "document", "documents") + "." : ": drop them in."),
            step(way.asked, "Ask", "#ask", " something that they answer, and something that they do not."),
            step(way.cases >= CASES_WANTED, "Write ten test cases", "#measure/cases", ": " + (way.cases === 0 ? "tell of each answer whether it was right." : way.cases.toLocaleString("en-US") + " so far.")),
            step(way.decided, "Decide", "#measure", ": measure which approach to build."))));
    } catch {
        /* the page is of use without it */
    }
}

function firstSteps(): HTMLElement {
    if (person?.is_admin) {
        const room = element("div", {});
        setTimeout(() => void showWay(room), 0);
        return room;
    }
    return element("section", { class: "steps", "aria-label": "First steps" }, element("h2", {}, "This project has no documents yet"),
        element("ol", {},
            element("li", {}, element("b", {}, "Add documents"), person?.may_write ? [": drop them into ", element("a", { href: "#documents" }, "Documents"), "."]
                : ": your key may not; whoever keeps this server can."),
            element("li", {}, element("b", {}, "Ask"), " something that they answer, and something that they do not."),
            element("li", {}, element("b", {}, "Write ten test cases"), ": tell of each answer whether it was right."),
            element("li", {}, element("b", {}, "Decide"), ": measure which approach to build.")));
}

/* ---- signing in ---- */

function showSignIn(reason: string): void {
    const main = document.getElementById("main");
    const key = element("input", { type: "password", id: "key", autocomplete: "off", spellcheck: false, required: true, maxlength: 79 });
    const problem = element("div", {}, reason !== "" && warning(reason));
    const submit = async (event: Event): Promise<void> => {
        event.preventDefault();
        try {
            if (!/^[!-~]*$/.test(key.value.trim()))
                throw new Refusal(401, "This is no key: keys have letters, digits and signs of ASCII alone. The list of keys shows only how each begins; a key was shown whole once, when it was made.");
            if (key.value.trim() !== keyOf())
                forgetTurns(); // they are of another key
            keepKey(key.value.trim());
            await askWho();
            start();
        } catch (refusal) {
            keepKey(null);
            fill(problem, warning(reasonOf(refusal)));
            key.focus();
        }
    };
    fill(document.getElementById("tabs") ?? document.body);
    if (main)
        fill(main, element("form", { class: "sign-in", submit }, element("h1", {}, "Sign in"),
            element("p", { class: "about" }, "With a key of this project. The server showed the first one when it was started first; whoever has that one makes more, under Settings."),
            field("Key", key, "Kept in this tab until it is closed."), problem, element("button", { type: "submit", class: "main" }, "Sign in")));
    document.title = "Sign in \u00b7 assay";
    key.focus();
}

function signOut(reason: string): void {
    asking?.abort();
    stopSending();
    closeDialogs();
    keepKey(null);
    person = null;
    forgetTurns();
    showSignIn(reason);
}

/* ---- the frame ---- */

function drawTabs(current: string): void {
    const tabs = document.getElementById("tabs");
    if (!tabs)
        return;
    fill(tabs, element("ul", {}, screens().map((screen) => element("li", {},
        element("a", screen.name === current ? { href: "#" + screen.name, "aria-current": "page" } : { href: "#" + screen.name }, screen.title)))),
        element("div", { class: "who" }, element("span", { title: "The key that you signed in with" }, person?.name ?? ""),
            button("Sign out", "quiet", () => signOut(""))));
    const brand = document.getElementById("brand");
    if (brand)
        brand.textContent = person?.project ?? "assay";
}

function showScreen(): void {
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
        fill(main, heading("Not with this key", "This part is for keys that may see everything (the group @admin)."),
            element("p", {}, element("a", { href: "#ask" }, "Ask the documents")));
    else
        screen.show(main, rest);
}

/* What lies over a part of the page goes with it. */
function closeDialogs(): void {
    for (const dialog of Array.from(document.querySelectorAll("dialog")))
        dialog.close();
}

let goes = 0; /* to another part: the last one counts */

/* Another part of the page, by what the project has now: documents may have come by `assay add`. */
async function goToScreen(): Promise<void> {
    if (keyOf() === null)
        return; // the sign-in stays
    const turn = ++goes, main = document.getElementById("main");
    closeDialogs();
    main?.replaceChildren();
    await askWho().catch(() => undefined); // signed out, which is shown, or not reached, which the part says
    if (turn !== goes || keyOf() === null)
        return;
    showScreen();
    main?.focus();
}

function start(): void {
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
