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

async function saveSettings(values: Record<string, unknown>, told: HTMLElement): Promise<void> {
    try {
        await call("POST", "/v1/settings", values);
        const said = "Saved in assay.yaml. The server uses it from the next question on.";
        fill(told, element("p", { class: "good", role: "status" }, said));
    } catch (problem) {
        fill(told, warning(reasonOf(problem)));
    }
}

function keySaid(settings: Settings): Child {
    if (settings.key_variable === null)
        return "The built-in model runs here; nothing leaves this machine.";
    return ["Its key is read from ", element("code", {}, settings.key_variable), " in the server\u2019s environment, which is ",
        element("b", { class: settings.has_key ? "good" : "bad" }, settings.has_key ? "set" : "not set"), ". Questions and passages are sent to the provider."];
}

function modelForm(settings: Settings): HTMLElement {
    const told = element("div", {});
    const model = element("input", { type: "text", required: true, maxlength: 300, autocomplete: "off", spellcheck: false, value: settings.model });
    const approach = element("select", {}, [["rag", "From passages that a search finds"], ["full", "From all documents, in the prompt"], ["prompt", "From what the model knows"]]
        .map(([value, title]) => element("option", { value: value ?? "", selected: value === settings.approach }, title ?? "")));
    const target = element("input", { type: "number", min: 0, max: 1, step: 0.01, value: settings.target });
    const access = element("select", {}, [["public", "Every key sees every document"], ["from-folder", "A document\u2019s folder is its label"]]
        .map(([value, title]) => element("option", { value: value ?? "", selected: value === settings.access }, title ?? "")));
    const isRule = settings.access === "public" || settings.access === "from-folder";
    const submit = (event: Event): void => {
        event.preventDefault();
        const values: Record<string, unknown> = { model: model.value.trim(), approach: approach.value, target: Number(target.value) };
        if (isRule && access.value !== settings.access) {
            if (access.value === "public" && !confirm("From the next adding of documents on, every key sees every document. Is that meant?"))
                return;
            values.access = access.value;
        }
        void saveSettings(values, told);
    };
    return element("form", { submit }, field("Model", model, "builtin, openai:NAME, anthropic:NAME, or the address that assay.yaml has, with #NAME behind it. A new address is written into assay.yaml by hand."),
        element("p", { class: "soft" }, keySaid(settings)), field("How it answers", approach, "What is best here, a decision measures."),
        field("Score to be reached", target, "0 to 1, for decisions; 0: the best is looked for."),
        isRule ? field("Who sees which document", access, "Labels are given when documents are added: run assay add again after a change.")
            : element("p", { class: "soft" }, "Labels come from ", element("code", {}, settings.access), "."),
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

function fileForm(file: EditedFile, text: string): HTMLElement {
    const told = element("div", {}), box = element("textarea", { rows: 14, spellcheck: false, class: "code" });
    box.value = text;
    const submit = async (event: Event): Promise<void> => {
        event.preventDefault();
        try {
            await call("POST", file.path, { text: box.value });
            fill(told, element("p", { class: "good", role: "status" }, file.saved));
        } catch (problem) {
            fill(told, warning(reasonOf(problem)));
        }
    };
    return element("form", { submit }, field(file.label, box, file.hint), element("button", { type: "submit", class: "plain" }, file.button), told);
}

async function showSettingsForms(room: HTMLElement): Promise<void> {
    try {
        const [settings, prices] = await Promise.all([call<Settings>("GET", "/v1/settings"), call<{ text: string }>("GET", "/v1/prices")]);
        const labels = settings.access.endsWith(".csv") ? await call<{ text: string }>("GET", "/v1/labels") : null;
        fill(room, element("section", {}, element("h2", {}, "Model and answers"), modelForm(settings)), labels !== null && element("section", {}, element("h2", {}, "Who sees which document"), fileForm(LABELS, labels.text)),
            element("section", {}, element("h2", {}, "Prices"), fileForm(PRICES, prices.text)));
    } catch (problem) {
        fill(room, warning(reasonOf(problem)));
    }
}
