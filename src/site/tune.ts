// tune.ts - what was fine-tuned here: each adapter, what it was learned from, and whether it is better than what it came from.

interface Adapter {
    name: string;
    problem?: string;
    task?: string;
    method?: string;
    created?: string;
    base?: { name?: string };
    data?: { examples?: number };
    scores?: { cases?: number; before?: Record<string, unknown>; after?: Record<string, unknown> };
}

const TASKS: Record<string, string> = {
    classify: "Classifier", embed: "Embedding model", rerank: "Reranker", reader: "Reader of answers", writer: "Writer of answers",
};

interface Score {
    value: number;
    low?: number;
    high?: number;
}

/* A score stands as [value, low, high], or as a number with its bounds beside it. */
function scoreOf(scores: Record<string, unknown> | undefined, name: string): Score | null {
    const value = scores?.[name];
    const bound = (which: string): number | undefined => {
        const found = scores?.[name + "_" + which] ?? (name === "accuracy" ? scores?.[which] : undefined);
        return typeof found === "number" ? found : undefined;
    };
    if (Array.isArray(value) && value.length === 3)
        return { value: Number(value[0]), low: Number(value[1]), high: Number(value[2]) };
    const [low, high] = [bound("low"), bound("high")];
    if (typeof value !== "number")
        return null;
    return low !== undefined && high !== undefined ? { value, low, high } : { value };
}

function scoreSaid(score: Score | null): Child {
    if (score === null)
        return "";
    return [element("b", {}, percent(score.value)), score.low !== undefined && score.high !== undefined &&
        element("small", {}, percent(score.low) + " to " + percent(score.high))];
}

function adapterPart(adapter: Adapter): HTMLElement {
    if (adapter.problem !== undefined)
        return element("section", {}, element("h2", {}, adapter.name), warning(adapter.problem));
    const { before, after } = adapter.scores ?? {};
    const names = Object.keys(after ?? {}).filter((name) => !/(^|_)(low|high)$/.test(name) && scoreOf(after, name) !== null);
    const about = [TASKS[adapter.task ?? ""] ?? adapter.task, adapter.method, adapter.base?.name && "on " + adapter.base.name,
        adapter.data?.examples !== undefined && counted(adapter.data.examples, "example", "examples"), adapter.created && momentSaid(adapter.created)];
    return element("section", {}, element("h2", {}, adapter.name), element("p", { class: "soft" }, about.filter(Boolean).join(" \u00b7 ")),
        names.length > 0 && table("Scores of " + adapter.name, ["Over " + counted(adapter.scores?.cases ?? 0, "case", "cases"), "Before", "After"],
            names.map((name) => [name.replace(/_/g, " "), scoreSaid(scoreOf(before, name)), scoreSaid(scoreOf(after, name))])));
}

async function showTune(main: HTMLElement): Promise<void> {
    const room = element("div", {});
    fill(main, heading("Tune", "What was fine-tuned in this project. It is used where it has the name that the work goes by; remove its folder to go back."), room);
    try {
        const { data } = await call<{ data: Adapter[] }>("GET", "/v1/adapters");
        fill(room, data.length > 0 ? data.map(adapterPart) : element("section", { class: "steps" }, element("h2", {}, "Nothing was tuned yet"),
            element("p", {}, "Prompts come first, then retrieval; tuning changes how a model behaves every time. ", element("code", {}, "assay decide"),
                " tells whether it would help, ", element("code", {}, "assay tune"), " does it, and measures before and after.")));
    } catch (problem) {
        fill(room, warning(reasonOf(problem)));
    }
}
