// settings.ts - what answers, how, and what it costs. A model's key is never typed in here: the server has it from its environment alone.

interface Settings {
    model: string;
    approach: string;
    access: string;
    embedding: string;
    examples: string;
    has_examples: boolean;
    key_variable: string | null;
    has_key: boolean;
    target: number;
}

/* Somebody else has changed meanwhile what this person saves. */
function isOvertaken(problem: unknown): boolean {
    return problem instanceof Refusal && problem.status === 409;
}

function keySaid(settings: Settings): Child {
    if (settings.key_variable === null)
        return "The built-in model runs here; nothing leaves this machine.";
    return ["Its key is read from ", element("code", {}, settings.key_variable), " in the server\u2019s environment, which is ",
        element("b", { class: settings.has_key ? "good" : "bad" }, settings.has_key ? "set" : "not set"), ". Questions and passages are sent to the provider."];
}

/* A choice of what has these titles. */
function choices(titles: Record<string, string>): HTMLSelectElement {
    return element("select", {}, Object.entries(titles).map(([value, title]) => element("option", { value }, title)));
}

/* What the fields hold is what assay.yaml has, until somebody changes it; only what was changed is sent, with what it was. */
function modelForm(first: Settings): HTMLElement {
    let stored = first;
    const told = element("div", {}), key = element("p", { class: "soft" });
    const model = element("input", { type: "text", required: true, maxlength: 300, autocomplete: "off", spellcheck: false });
    const approach = choices({ rag: "From passages that a search finds", full: "From all documents, in the prompt", prompt: "From what the model knows" });
    const target = element("input", { type: "number", min: 0, max: 1, step: "any" });
    const access = choices({ public: "Every key sees every document", "from-folder": "A document\u2019s folder is its label" });
    const rule = field("Who sees which document", access, "Labels are given when documents are added: after a change, whoever keeps this server adds them again (assay add)."), file = element("p", { class: "soft" });
    const show = (settings: Settings): void => {
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
    const changed = (): Partial<Settings> => {
        const wanted: Partial<Settings> = { model: model.value.trim(), approach: approach.value, target: Number(target.value), ...(rule.hidden ? {} : { access: access.value }) };
        return Object.fromEntries(Object.entries(wanted).filter(([name, value]) => value !== stored[name as keyof Settings]));
    };
    const save = async (values: Partial<Settings>): Promise<void> => {
        try {
            show(await call("POST", "/v1/settings", { ...values, was: Object.fromEntries(Object.keys(values).map((name) => [name, stored[name as keyof Settings]])) }));
            fill(told, element("p", { class: "good", role: "status" }, "Saved in assay.yaml. The server uses it from the next question on."));
        } catch (problem) {
            if (isOvertaken(problem))
                await call<Settings>("GET", "/v1/settings").then(show, () => undefined);
            fill(told, warning(reasonOf(problem) + (isOvertaken(problem) ? " The form has it now." : "")));
        }
    };
    const submit = async (event: Event): Promise<void> => {
        event.preventDefault();
        const values = changed();
        fill(told);
        if (Object.keys(values).length === 0)
            fill(told, element("p", { role: "status" }, "Nothing was changed: assay.yaml has this already."));
        else if (values.access !== "public" || confirm("From the next adding of documents on, every key sees every document. Is that meant?"))
            await save(values);
    };
    show(first);
    return element("form", { submit }, field("Model", model, "builtin, openai:NAME, anthropic:NAME, or the address that assay.yaml has, with #NAME behind it. A new address is written into assay.yaml by hand."),
        key, field("How it answers", approach, "What is best here, a decision measures."),
        field("Score to be reached", target, "0 to 1, for decisions; 0: the best is looked for."),
        rule, file,
        element("button", { type: "submit", class: "main" }, "Save"), told);
}

/* A file of the project that is edited whole. */
interface EditedFile {
    path: string; /* that reads and changes it */
    label: string;
    hint: string;
    button: string;
    saved: string;
}

const PRICES: EditedFile = { path: "/v1/prices", label: "The list, as prices.yaml has it", hint: "Providers change their prices: write down what they say, and of which day.",
    button: "Save the prices", saved: "Saved. Answers and decisions count with it from now on." };
const LABELS: EditedFile = { path: "/v1/labels", label: "A line for a document or a folder, with its labels", hint: "docs/hr,hr,managers: keys with one of these groups see what lies there. The line with the longest path counts; "
    + "what no line fits is seen by no key.", button: "Save the labels", saved: "Saved. Documents get their labels with the next adding: until then the old ones hold." };

interface FileText {
    text: string;
    mark: string; /* of the very text */
}

/* What is saved takes the place of what was read. Where somebody else has saved meanwhile, both stand there, and saving again takes the place of theirs. */
function fileForm(file: EditedFile, first: FileText): HTMLElement {
    let stored = first;
    const told = element("div", {}), box = element("textarea", { rows: 14, spellcheck: false, class: "code" });
    box.value = first.text;
    const showOther = async (problem: unknown): Promise<void> => {
        stored = await call<FileText>("GET", file.path);
        fill(told, warning(reasonOf(problem)), element("h3", {}, "As it is now"), element("pre", { class: "source", tabindex: 0, "aria-label": "As it is now" }, stored.text),
            element("p", {}, "Yours stands above. Put into it what shall stay of this one, then save again."));
    };
    const submit = async (event: Event): Promise<void> => {
        event.preventDefault();
        fill(told);
        try {
            stored = await call<FileText>("POST", file.path, { text: box.value, was: stored.mark });
            fill(told, element("p", { class: "good", role: "status" }, file.saved));
        } catch (problem) {
            fill(told, warning(reasonOf(problem)));
            if (isOvertaken(problem))
                await showOther(problem).catch(() => undefined);
        }
    };
    return element("form", { submit }, field(file.label, box, file.hint), element("button", { type: "submit", class: "plain" }, file.button), told);
}

async function showSettingsForms(room: HTMLElement): Promise<void> {
    try {
        const [settings, prices] = await Promise.all([call<Settings>("GET", "/v1/settings"), call<FileText>("GET", "/v1/prices")]);
        const labels = settings.access.endsWith(".csv") ? await call<FileText>("GET", "/v1/labels") : null;
        fill(room, element("section", {}, element("h2", {}, "Model and answers"), modelForm(settings)), labels !== null && element("section", {}, element("h2", {}, "Who sees which document"), fileForm(LABELS, labels)),
            element("section", {}, element("h2", {}, "Prices"), fileForm(PRICES, prices)));
    } catch (problem) {
        fill(room, warning(reasonOf(problem)));
    }
}
