"""Values of tables stand under their heads in what a search shows."""


def texts(project, query):
    return "\n".join(hit["text"] for hit in project.search(query))


def test_cells_over_columns_and_rows(project):
    project.write("docs/fares.html", "<table><tr><th rowspan=2>Fare</th><th colspan=2>2023</th></tr><tr><th>Adult</th><th>Child</th></tr>"
                  "<tr><td rowspan=2>Day ticket</td><td colspan=2>free</td></tr><tr><td>4</td><td>5</td></tr></table>")  # fmt: skip
    project.add()
    shown = texts(project, "day ticket child")
    assert "Fare | 2023 Adult | 2023 Child" in shown and "Day ticket | free | free" in shown and "Day ticket | 4 | 5" in shown


def test_empty_corner(project):
    project.write("docs/plans.html", "<table><tr><th></th><th>Basic</th><th>Plus</th></tr><tr><td>Price</td><td>$9</td><td>$29</td></tr></table>")
    project.add()
    assert "| Basic | Plus\nPrice | $9 | $29" in texts(project, "plus price")


def test_spans_without_end(project):
    project.write("docs/big.html", "<table>" + "<tr><th colspan=1000000000 rowspan=1000000000>wide<td>end" * 3000 + "</table>")
    project.add()
    assert "end" in texts(project, "wide end")


def test_keys_and_values(project):
    project.write("docs/pump.csv", "Price,20 EUR\nWeight,3 kg\n")
    project.write("docs/pump.html", "<dl><dt>Voltage</dt><dd>230 V</dd></dl>")
    project.add()
    assert "Weight | 3 kg" in texts(project, "weight") and "Voltage: 230 V" in texts(project, "voltage")


def test_a_list_written_as_heads_keeps_its_words(project):
    """Only a few rows of a head are joined; 3,000 of them took memory by their square."""
    project.write("docs/heads.html", "<table>" + "".join(f"<tr><th>wort{number}x" for number in range(3000)) + "</table>")
    project.add()
    for word in ("wort1x", "wort2999x"):
        (hit,) = project.run("search", "--json", "-k", "1", word).json()["results"]
        assert len(hit["text"]) < 20000, len(hit["text"])
