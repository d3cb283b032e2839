// tasks.ts - long work that runs at the server: started here, followed while it runs, cancelled; it goes on when the page is closed.

interface Task {
    id: string;
    kind: string;
    state: "queued" | "running" | "stopping" | "done" | "failed" | "cancelled";
    message: string;
    result: string; /* a run's number, an adapter's name */
    request: Record<string, unknown> | null;
    created_at: number;
    started_at: number | null;
    finished_at: number | null;
    progress?: { stage: string; done: number; total: number } | null;
    lines?: string[];
}

const TASK_STATES: Record<string, string> = {
    queued: "waits until what runs before it is done", running: "runs", stopping: "is being stopped", done: "is done", failed: "has failed", cancelled: "was cancelled",
};
const TASK_KINDS: Record<string, string> = {
    eval: "Evaluation", decide: "Decision", plan: "Plan of a decision", draft: "Test cases proposed", tune: "Training",
};
const LOOK_EVERY = 600, AWAY_EVERY = 2000; /* ms; while the server is away */

function taskTitle(task: Task): string {
    if (task.kind === "tune")
        return task.request?.check === true ? "Looking at the examples" : "Training of \u201c" + String(task.request?.name ?? "") + "\u201d";
    return TASK_KINDS[task.kind] ?? task.kind;
}

function progressBar(task: Task): Child {
    const progress = task.progress;
    if (task.finished_at !== null)
        return null;
    if (!progress)
        return element("p", { class: "soft waiting" }, task.state === "running" ? "Begins\u2026" : TASK_STATES[task.state]);
    const said = progress.stage + ": " + progress.done.toLocaleString("en-US") + (progress.total > 0 ? " of " + progress.total.toLocaleString("en-US") : "");
    return element("div", { class: "progress" }, progress.total > 0 && element("progress", { max: progress.total, value: progress.done, "aria-label": progress.stage }),
        element("small", {}, said));
}

async function cancelTask(task: Task, room: HTMLElement): Promise<void> {
    try {
        await call("POST", "/v1/tasks/" + task.id + "/cancel");
        announce(taskTitle(task) + " is being stopped");
    } catch (problem) {
        room.append(warning(reasonOf(problem)));
    }
}

/* What helps on a command line alone is no help here. */
function withoutOptions(message: string): string {
    return message.replace(/[^.:]* --[a-z][^.]*\.\s*$/, "").trim() || message;
}

function drawTask(task: Task, room: HTMLElement, extra: HTMLElement): void {
    const focused = room.contains(document.activeElement);
    const cancel = button("Cancel", "plain", () => cancelTask(task, room));
    const lines = task.lines ?? [];
    cancel.disabled = task.state === "stopping";
    room.dataset.underWay = String(task.finished_at === null);
    fill(room, element("div", { class: "row spread" }, element("h3", {}, taskTitle(task)), task.finished_at === null && cancel),
        progressBar(task), task.state === "queued" && task.message !== "" && element("p", { class: "soft" }, "It waits: " + task.message + "."),
        task.state === "failed" && warning(withoutOptions(byName(task.message))),
        task.state === "cancelled" && element("p", { class: "soft" }, "It was cancelled."
            + (task.kind === "decide" ? " What it had measured by then is used when it is started again." : "")),
        task.state !== "failed" && lines.length > 0 && element("ul", { class: "lines" }, lines.slice(-8).map((line) => element("li", {}, line))), extra);
    if (focused && task.finished_at === null)
        cancel.focus();
}

interface Follow {
    tick?: (task: Task, room: HTMLElement) => unknown; /* at each look, with room for more */
    done: (task: Task) => unknown; /* once, when it has ended */
}

/* The task a little later, however long the server is busy or away meanwhile; null: the page shows something else. */
async function lookAgain(id: string, room: HTMLElement): Promise<Task | null> {
    for (let wait = LOOK_EVERY;; wait = AWAY_EVERY) {
        await pause(wait);
        if (!room.isConnected)
            return null;
        try {
            return await call<Task>("GET", "/v1/tasks/" + id);
        } catch (problem) {
            if (problem instanceof Refusal && [401, 403, 404].includes(problem.status))
                throw problem;
        }
    }
}

/* Draws a task, and looks again until it has ended or the page shows something else. */
function followTask(first: Task, follow: Follow): HTMLElement {
    const room = element("section", { class: "task", "aria-label": taskTitle(first) }), extra = element("div", {});
    const look = async (): Promise<void> => {
        let task = first;
        for (;;) {
            drawTask(task, room, extra);
            try {
                await follow.tick?.(task, extra);
            } catch { /* the next look draws it */ }
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

/* In the place of what has ended: what is under way stays, with its Cancel. */
function putTask(room: HTMLElement, ...children: Child[]): void {
    putFirst(room, (each) => each.dataset.underWay === "true", children);
}

async function startTask(request: Record<string, unknown>, room: HTMLElement, follow: Follow): Promise<void> {
    try {
        putTask(room, followTask(await call<Task>("POST", "/v1/tasks", request), follow));
        announce("Started");
    } catch (problem) {
        putTask(room, warning(reasonOf(problem)));
    }
}

/* What of these kinds was started before and has not ended, or was the last to fail. */
async function tasksUnderWay(kinds: readonly string[]): Promise<Task[]> {
    const { data } = await call<{ data: Task[] }>("GET", "/v1/tasks");
    const ours = data.filter((task) => kinds.includes(task.kind));
    return ours.filter((task, i) => task.finished_at === null || (i === 0 && task.state === "failed"));
}

/* A pair of choices with their explanations, as check boxes. */
function choice(label: string, hint: string): { box: HTMLInputElement; shown: HTMLElement } {
    const id = "choice-" + ++fieldCount;
    const box = element("input", { type: "checkbox", id, "aria-describedby": id + "-hint" });
    return { box, shown: element("div", { class: "check" }, element("label", { for: id }, box, " " + label), element("small", { id: id + "-hint" }, hint)) };
}
