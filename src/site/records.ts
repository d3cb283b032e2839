// records.ts - who asked what (the audit log), and who may (keys).

interface Entry {
    number: number;
    time: string | null; /* null: it is damaged */
    kind: string;
    content: string;
    asker: string | null;
    question: string | null;
    answer: string | null;
    abstained: boolean;
}

interface Verification {
    ok: boolean;
    entries: number;
    answers: number;
    first_bad: number | null;
    reason: string;
    root: string;
    problems: { entry: number; message: string }[];
}

interface Key {
    name: string;
    hint: string;
    state: string;
    groups: string[];
    created: string;
    expires: string | null;
    quota: Quota;
}

interface Quota {
    requests: number | null;
    tokens: number | null;
    money: number | null;
}

const QUOTA: (keyof Quota)[] = ["requests", "tokens", "money"];

const KINDS: Record<string, string> = { damaged: "is not as it was written", cut: "the rest of a crash was cut off", head: "the log's head was lost, and made anew", erased: "personal content was erased" };

function entryRow(entry: Entry): Child[] {
    if (entry.kind !== "answer")
        return [String(entry.number), momentSaid(entry.time ?? ""), "", KINDS[entry.kind] ?? entry.kind, ""];
    if (entry.content !== "kept")
        return [String(entry.number), momentSaid(entry.time ?? ""), "", "(" + entry.content + ")", ""];
    return [String(entry.number), momentSaid(entry.time ?? ""), entry.asker ?? "", entry.question ?? "(its hash is kept)",
        entry.abstained ? element("span", { class: "soft" }, "no answer") : element("p", { class: "given" }, entry.answer ?? "")];
}

async function verifyLog(room: HTMLElement): Promise<void> {
    fill(room, element("p", { class: "soft waiting" }, "Looking at every byte\u2026"));
    try {
        const found = await call<Verification>("GET", "/v1/log/verify");
        const problems = found.problems.map((each) => element("li", {}, (each.entry > 0 ? "Entry " + each.entry + ": " : "") + each.message));
        const said = found.ok ? "All " + counted(found.entries, "entry is", "entries are") + " as written." : "The log is not as it was written"
            + (found.first_bad !== null ? ", from entry " + found.first_bad + " on: " + found.reason : ".");
        fill(room, found.ok ? element("p", { class: "good" }, said) : warning(said), element("ul", {}, problems),
            found.ok && element("p", { class: "soft" }, "Head: ", element("code", {}, found.entries + " " + found.root), ". Kept elsewhere, it shows later that nothing was cut off."));
        announce(said);
    } catch (problem) {
        fill(room, warning(reasonOf(problem)));
    }
}

async function showEntries(room: HTMLElement, entries: Entry[], before: number): Promise<void> {
    const shown = entries.length;
    try {
        const page = await call<{ data: Entry[]; entries: number }>("GET", "/v1/log?limit=50" + (before > 0 ? "&before=" + before : ""));
        entries.push(...page.data.reverse());
        const last = entries[entries.length - 1]?.number ?? 1;
        fill(room, element("h2", {}, counted(page.entries, "entry", "entries")),
            entries.length === 0 ? element("p", {}, "Nothing was asked yet.") : table("Entries of the audit log", ["Entry", "When", "Who", "Question", "Answer"], entries.map(entryRow)),
            last > 1 && button("Show older ones", "plain", () => showEntries(room, entries, last)));
        if (shown > 0)
            focusItem(room, shown);
    } catch (problem) {
        fill(room, warning(reasonOf(problem)));
    }
}

function showLog(main: HTMLElement): void {
    const verified = element("div", {}), room = element("section", {});
    fill(main, heading("Log", "Every question that was answered, in a chain of hashes: what is changed or cut off shows."),
        element("section", {}, button("Verify the log", "plain", () => verifyLog(verified)), verified), room);
    void showEntries(room, [], 0);
}

/* ---- keys ---- */

async function revoke(key: Key, redraw: () => void): Promise<void> {
    if (!confirm("Revoke \u201c" + key.name + "\u201d? Nothing that it asks from then on is answered."))
        return;
    try {
        await call("POST", "/v1/keys/" + encodeURIComponent(key.name) + "/revoke");
    } catch (problem) {
        alert(reasonOf(problem));
    }
    redraw();
}

function quotaSaid(quota: Quota): string {
    const parts = QUOTA.filter((kind) => quota[kind] !== null).map((kind) => (quota[kind] as number).toLocaleString("en") + " " + kind);
    return parts.length === 0 ? "none" : parts.join(", ");
}

async function showKeyList(room: HTMLElement): Promise<void> {
    try {
        const { data } = await call<{ data: Key[] }>("GET", "/v1/keys");
        fill(room, table("Keys", ["Name", "Begins with", "State", "Groups", "Made", "Last day", "At most a day", "Action"], data.map((key) => [key.name, element("code", {}, key.hint + "\u2026"),
            key.state, key.groups.join(", "), momentSaid(key.created), key.expires ?? "none", quotaSaid(key.quota), key.state === "valid" && key.name !== person?.name
                ? element("button", { type: "button", class: "quiet", "aria-label": "Revoke " + key.name, click: () => revoke(key, () => void showKeyList(room)) }, "Revoke") : ""])));
    } catch (problem) {
        fill(room, warning(reasonOf(problem)));
    }
}

function newKeyForm(redraw: () => void): HTMLElement {
    const name = element("input", { type: "text", required: true, maxlength: 64, autocomplete: "off", spellcheck: false });
    const groups = element("input", { type: "text", maxlength: 2000, autocomplete: "off", spellcheck: false });
    const expires = element("input", { type: "date" });
    const limits = QUOTA.map((kind) => element("input", { type: "number", min: kind === "money" ? "0.01" : "1", step: kind === "money" ? "any" : "1", "aria-label": "Most " + kind + " a day", placeholder: kind }));
    const told = element("div", {});
    const make = async (event: Event): Promise<void> => {
        event.preventDefault();
        const list = groups.value.split(",").map((each) => each.trim()).filter((each) => each !== "");
        try {
            const { key } = await call<{ key: string }>("POST", "/v1/keys", { name: name.value.trim(), groups: list, expires: expires.value || null,
                quota: Object.fromEntries(QUOTA.map((kind, i) => [kind, limits[i]!.value === "" ? null : Number(limits[i]!.value)])) });
            fill(told, element("div", { class: "secret", role: "status" }, element("p", {}, "The key of ", element("b", {}, name.value.trim()),
                ", shown this once: only its hash is kept."), element("code", {}, key)));
            for (const input of [name, groups, expires, ...limits])
                input.value = "";
            redraw();
        } catch (problem) {
            fill(told, warning(reasonOf(problem)));
        }
    };
    return element("form", { submit: make }, field("Name", name), field("Groups", groups,
        "With commas between: labels of documents it may see. @admin sees all; @write may send documents and test cases; @metrics sees the server's figures."),
        field("Last day on which it holds", expires, "Empty: it does not expire."),
        element("fieldset", { class: "row" }, element("legend", {}, "The most it may use in a day (empty: any)"), ...limits), element("button", { type: "submit", class: "main" }, "Make the key"), told);
}

function showKeys(main: HTMLElement): void {
    const room = element("div", {}), forms = element("div", {});
    fill(main, heading("Settings", "Who may ask, what answers, and what it costs. What else can be set stands in assay.yaml, each setting explained."),
        element("section", {}, element("h2", {}, "Keys"), room), element("section", {}, element("h2", {}, "A new key"), newKeyForm(() => void showKeyList(room))), forms,
        element("section", {}, element("h2", {}, "This server"), element("p", {}, "assay " + (person?.version ?? "") + ", project " + (person?.project ?? "") + ".")));
    void showKeyList(room);
    void showSettingsForms(forms);
}
