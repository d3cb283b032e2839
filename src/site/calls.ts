// calls.ts - the server, asked with the key that the person signed in with. The key stays in this tab and goes nowhere but to this server.

const KEY_NAME = "assay.key";
const UNREACHED = "The server cannot be reached. Try again in a moment; if it stays so, tell whoever keeps it.";

class Refusal extends Error {
    constructor(readonly status: number, message: string) {
        super(message);
    }
}

let signedOut: (reason: string) => void = () => undefined;

function keyOf(): string | null {
    return sessionStorage.getItem(KEY_NAME);
}

function keepKey(key: string | null): void {
    if (key === null)
        sessionStorage.removeItem(KEY_NAME);
    else
        sessionStorage.setItem(KEY_NAME, key);
}

async function refusalOf(answer: Response): Promise<Refusal> {
    let message = "The server answered with status " + answer.status + ".";
    try {
        const told = await answer.json() as { error?: { message?: string } };
        message = told.error?.message ?? message;
    } catch {
        /* no JSON: the status says it */
    }
    return new Refusal(answer.status, message);
}

/* The answer, if it is no refusal. */
async function granted(answer: Response): Promise<Response> {
    if (answer.ok)
        return answer;
    const refusal = await refusalOf(answer);
    if (answer.status === 401)
        signedOut(refusal.message);
    throw refusal;
}

async function request(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<Response> {
    const headers: Record<string, string> = { Authorization: "Bearer " + (keyOf() ?? "") };
    if (body !== undefined)
        headers["Content-Type"] = "application/json";
    const sent = body === undefined ? body : JSON.stringify(body);
    let answer: Response;
    try {
        answer = await fetch(path, { method, headers, body: sent ?? null, signal: signal ?? null, cache: "no-store", credentials: "omit", redirect: "error" });
    } catch (problem) {
        if (problem instanceof DOMException && problem.name === "AbortError")
            throw problem;
        throw new Refusal(0, UNREACHED);
    }
    return granted(answer);
}

/* A form with a file, and how much of it has gone meanwhile: fetch() does not tell that. */
async function sendForm(path: string, form: FormData, tell: (share: number) => void, signal: AbortSignal): Promise<Response> {
    const sending = new XMLHttpRequest();
    sending.open("POST", path);
    sending.setRequestHeader("Authorization", "Bearer " + (keyOf() ?? ""));
    sending.upload.addEventListener("progress", (event) => event.lengthComputable && event.total > 0 && tell(event.loaded / event.total));
    signal.addEventListener("abort", () => sending.abort());
    return granted(await new Promise<Response>((done, fail) => {
        sending.addEventListener("load", () => done(new Response(sending.responseText, { status: sending.status })));
        sending.addEventListener("error", () => fail(new Refusal(0, UNREACHED)));
        sending.addEventListener("abort", () => fail(new Refusal(0, "It was not sent to its end.")));
        sending.send(form);
    }));
}

async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
    return await (await request(method, path, body)).json() as T;
}

/* All of a list that is told in pages. */
async function callAll<T>(path: string): Promise<T[]> {
    const all: T[] = [];
    for (let after = "";;) {
        const page = await call<{ data: T[]; has_more: boolean; last_id: string | null }>("GET", path + after);
        all.push(...page.data);
        if (!page.has_more)
            return all;
        after = "&after=" + encodeURIComponent(page.last_id ?? "");
    }
}

function pause(milliseconds: number): Promise<void> {
    return new Promise((done) => setTimeout(done, milliseconds));
}

function reasonOf(problem: unknown): string {
    return problem instanceof Error ? problem.message : String(problem);
}

/* The data of server-sent events, one by one, until "[DONE]". */
async function eachEvent(answer: Response, take: (data: string) => void): Promise<void> {
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

/* ---- who is signed in, and what of the project may be told ---- */

interface Person {
    name: string;
    project: string;
    version: string;
    is_admin: boolean;
    may_write: boolean;
    documents: number;
}

let person: Person | null = null;

async function askWho(): Promise<Person> {
    person = await call<Person>("GET", "/v1/me");
    return person;
}
