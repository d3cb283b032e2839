// Compiled from page.ts by scripts/page_script; its SHA-256: 449f6214d375c358ca55b839a4cc0ddb6a01fd2ddcb850afbaedba14bdb9250e
"use strict";
function part(id, kind) {
    const found = document.getElementById(id);
    return found instanceof kind ? found : null;
}
function numberOf(element, name) {
    return Number(element.getAttribute(name));
}
function monthOf(row, requests, months) {
    const build = months > 0 ? numberOf(row, "data-build") / months : 0;
    return numberOf(row, "data-fixed") + requests * numberOf(row, "data-request") + build;
}
function moneyLike(sample, amount) {
    const digits = amount >= 100 || amount === 0 ? { maximumFractionDigits: 0 } : { maximumSignificantDigits: 3 };
    return sample.replace(/[0-9][0-9,.]*(e[-+]?[0-9]+)?/, amount.toLocaleString("en-US", digits));
}
function startCosts() {
    const form = part("cost-form", HTMLFormElement);
    const plot = document.getElementById("cost-plot");
    const requestsInput = part("cost-requests", HTMLInputElement);
    const monthsInput = part("cost-months", HTMLInputElement);
    if (!form || !plot || !requestsInput || !monthsInput)
        return;
    const rows = Array.from(document.querySelectorAll("#cost-rows tr"));
    const curves = Array.from(plot.querySelectorAll("polyline"));
    const mark = document.getElementById("cost-mark");
    const [xLeast, xMost, yLeast, yMost] = ["data-x", "data-x-end", "data-y", "data-y-end"].map((name) => numberOf(plot, name));
    const draw = (row, months) => {
        const points = [];
        for (let step = 0; step <= 80; step++) {
            const amount = monthOf(row, Math.pow(10, xLeast + (xMost - xLeast) * step / 80), months);
            const share = amount > 0 ? (Math.log10(amount) - yLeast) / (yMost - yLeast) : 0;
            points.push((step * 12.5).toFixed(1) + "," + (1000 - 1000 * Math.min(1, Math.max(0, share))).toFixed(1));
        }
        return points.join(" ");
    };
    const show = () => {
        const power = Number(requestsInput.value), months = Number(monthsInput.value);
        const requests = Number(Math.pow(10, power).toPrecision(2));
        const said = requests.toLocaleString("en-US");
        const spread = months === 0 ? "left out" : months === 1 ? "1 month" : months + " months";
        const amounts = rows.map((row) => monthOf(row, requests, months));
        const least = Math.min(...amounts);
        rows.forEach((row, i) => {
            const cell = row.querySelector(".chosen");
            if (cell)
                cell.textContent = moneyLike(cell.textContent ?? "", amounts[i] ?? 0);
            row.classList.toggle("cheapest", amounts[i] === least && amounts.filter((amount) => amount === least).length === 1);
        });
        curves.forEach((curve, i) => {
            const row = rows[i];
            if (row)
                curve.setAttribute("points", draw(row, months));
        });
        const place = 100 * (Math.log10(requests) - xLeast) / (xMost - xLeast) + "%";
        mark?.setAttribute("x1", place);
        mark?.setAttribute("x2", place);
        requestsInput.setAttribute("aria-valuetext", said + " requests a month");
        monthsInput.setAttribute("aria-valuetext", spread);
        for (const [id, text] of [["cost-requests-said", said], ["cost-months-said", spread], ["cost-chosen", "A month at " + said]]) {
            const element = document.getElementById(id);
            if (element)
                element.textContent = text;
        }
    };
    form.addEventListener("input", show);
    form.addEventListener("submit", (event) => event.preventDefault());
    form.hidden = false;
    show();
}
function startCases() {
    const form = part("case-form", HTMLFormElement);
    const which = part("case-which", HTMLSelectElement);
    const words = part("case-words", HTMLInputElement);
    const count = part("case-count", HTMLOutputElement);
    if (!form || !which || !words || !count)
        return;
    const cases = Array.from(document.querySelectorAll("#case-list > details"));
    const texts = cases.map((item) => (item.querySelector(".question")?.textContent ?? "").toLowerCase());
    const show = () => {
        const wanted = words.value.toLowerCase().split(/\s+/);
        let shown = 0;
        cases.forEach((item, i) => {
            const fits = which.value === "all" || (which.value === "wrong" ? item.getAttribute("data-wrong") === "1"
                : item.getAttribute("data-gap") === which.value);
            const has = wanted.every((word) => (texts[i] ?? "").includes(word));
            item.hidden = !(fits && has);
            shown += item.hidden ? 0 : 1;
        });
        count.textContent = shown + " of " + cases.length + " cases";
    };
    const follow = () => {
        const target = document.getElementById(location.hash.slice(1));
        if (!(target instanceof HTMLDetailsElement))
            return;
        if (target.hidden) {
            which.value = "all";
            words.value = "";
            show();
        }
        target.open = true;
        target.scrollIntoView();
    };
    form.addEventListener("input", show);
    form.addEventListener("submit", (event) => event.preventDefault());
    window.addEventListener("hashchange", follow);
    form.hidden = false;
    show();
    follow();
}
startCosts();
startCases();
