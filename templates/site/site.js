// Filters in the address, opening of all panels. Every page works without it.
(function () {
  "use strict";

  function filters() {
    var form = document.getElementById("filters");
    if (!form) return;
    var rows = Array.prototype.slice.call(document.querySelectorAll("#catalogue tr.card"));
    var groups = Array.prototype.slice.call(document.querySelectorAll("#catalogue tbody"));
    var links = document.querySelectorAll("#catalogue .protocol a");
    var count = document.getElementById("count");
    var nothing = document.getElementById("nothing");
    var names = ["situation", "vendor", "field", "model", "software", "kind", "text"];

    function wanted() {
      var found = {};
      names.forEach(function (name) {
        var value = form.elements[name].value.trim();
        if (value) found[name] = value;
      });
      return found;
    }

    function fits(row, choice, without) {
      return names.every(function (name) {
        if (!(name in choice) || name === without) return true;
        if (name === "text") {
          var all = (row.parentNode.dataset.words + " " + row.parentNode.rows[0].textContent + " " + row.textContent).toLowerCase();
          return choice.text.toLowerCase().split(/\s+/).every(function (word) { return all.indexOf(word) >= 0; });
        }
        return row.dataset[name].split("|").indexOf(choice[name]) >= 0;
      });
    }

    // Of each filter only what the others leave something of: no choice ends in nothing.
    function narrow(choice) {
      names.forEach(function (name) {
        var field = form.elements[name];
        if (!field.options) return;
        var left = {};
        rows.forEach(function (row) {
          if (fits(row, choice, name)) row.dataset[name].split("|").forEach(function (one) { left[one] = true; });
        });
        Array.prototype.forEach.call(field.options, function (option) {
          option.disabled = option.hidden = option.value !== "" && !left[option.value] && !option.selected;
        });
      });
    }

    function languages(fragment) {
      document.querySelectorAll("a[data-language]").forEach(function (link) {
        link.href = link.getAttribute("href").split("#")[0] + fragment;
      });
    }

    function carried(choice) {
      var kept = {};
      ["vendor", "field", "model", "software", "kind"].forEach(function (name) { if (choice[name]) kept[name] = choice[name]; });
      var text = new URLSearchParams(kept).toString();
      return text ? "#" + text : "";
    }

    function show() {
      var choice = wanted();
      var shown = 0;
      rows.forEach(function (row) {
        row.hidden = !fits(row, choice);
        if (!row.hidden) shown += 1;
      });
      groups.forEach(function (group) { group.hidden = !group.querySelector("tr.card:not([hidden])"); });
      narrow(choice);
      links.forEach(function (link) { link.href = link.getAttribute("href").split("#")[0] + carried(choice); });
      count.textContent = count.dataset.of.replace("{shown}", shown).replace("{all}", rows.length);
      nothing.hidden = shown > 0;
      var fragment = new URLSearchParams(choice).toString();
      languages(fragment ? "#" + fragment : "");
      return fragment;
    }

    function remember() {
      var fragment = show();
      if (fragment !== location.hash.slice(1)) location.replace("#" + fragment);
    }

    function recall() {
      var stated = new URLSearchParams(location.hash.slice(1));
      names.forEach(function (name) {
        var field = form.elements[name];
        field.value = stated.get(name) || "";
        if (field.selectedIndex === -1) field.value = "";
      });
      show();
    }

    form.addEventListener("input", remember);
    form.addEventListener("submit", function (event) { event.preventDefault(); });
    form.addEventListener("reset", function () { setTimeout(remember, 0); });
    window.addEventListener("hashchange", recall);
    form.hidden = false;
    recall();
  }

  function openAll() {
    var button = document.getElementById("open-all");
    if (!button) return;
    var panels = document.querySelectorAll("#parameters details");
    var texts = [button.textContent, button.dataset.close];
    var open = false;
    button.hidden = false;
    button.setAttribute("aria-expanded", "false");
    button.addEventListener("click", function () {
      open = !open;
      panels.forEach(function (panel) { panel.open = open; });
      button.textContent = texts[open ? 1 : 0];
      button.setAttribute("aria-expanded", String(open));
    });
  }

  // What was chosen in the catalogue, or on the page of a scanner, is shown alone until somebody asks for all.
  function chosen() {
    var bar = document.getElementById("chosen");
    if (!bar) return;
    var stated = new URLSearchParams(location.hash.slice(1));
    var rows = Array.prototype.slice.call(document.querySelectorAll(".downloads tr.card"));
    var names = ["vendor", "field", "model", "software", "kind"].filter(function (name) { return stated.get(name); });
    var fitting = rows.filter(function (row) {
      if (stated.get("scanner")) return row.dataset.slug === stated.get("scanner");
      return names.length && names.every(function (name) { return row.dataset[name].split("|").indexOf(stated.get(name)) >= 0; });
    });
    var some = fitting.length > 0 && fitting.length < rows.length;
    var slugs = fitting.map(function (row) { return row.dataset.slug; });
    document.querySelectorAll("[data-slug]").forEach(function (one) {
      one.hidden = some && !one.dataset.slug.split(" ").some(function (slug) { return slugs.indexOf(slug) >= 0; });
    });
    bar.hidden = !some;
    if (!some) return;
    bar.querySelector("span").textContent = fitting.map(function (row) { return row.cells[0].textContent; }).join(", ");
    var panel = document.querySelector("details.panel[name=timeline]:not([hidden])");
    if (panel) panel.open = true;
    document.getElementById("show-all").onclick = function () {
      document.querySelectorAll("[data-slug]").forEach(function (one) { one.hidden = false; });
      bar.hidden = true;
      history.replaceState(null, "", location.pathname);
    };
  }

  // A list of what to set by hand is opened when it is linked to.
  function opened() {
    var target = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    var panel = target && target.closest("details");
    if (panel) { panel.open = true; panel.scrollIntoView(); }
  }

  // Any two cards: what differs was found when the site was made, here it is only looked up and laid out.
  function versus() {
    var form = document.getElementById("versus");
    if (!form) return;
    var data = JSON.parse(document.getElementById("cards").textContent);
    var result = document.getElementById("result");
    var table = result.querySelector("table");
    var words = result.dataset;
    var known = {};
    data.cards.forEach(function (card) { [card.id].concat(card.also).forEach(function (id) { known[id] = card; }); });

    function options(select) {
      var groups = {};
      data.cards.slice().reverse().forEach(function (card) {
        if (!groups[card.group]) {
          groups[card.group] = document.createElement("optgroup");
          groups[card.group].label = card.group;
          select.append(groups[card.group]);
        }
        groups[card.group].prepend(new Option(card.name, card.id));
      });
    }

    function make(name, text, attributes) {
      var made = document.createElement(name);
      made.textContent = text;
      Object.assign(made, attributes || {});
      return made;
    }

    function row(body, head, a, b, matters) {
      var made = body.insertRow();
      made.append(head === null ? make("td", "") : make("th", head, { scope: "row" }), make("td", a), make("td", b), make("td", matters, { className: "aside" }));
    }

    function pairs(a, b) {
      if (a.version <= b.version) return data.pairs[a.version + "-" + b.version];
      return data.pairs[b.version + "-" + a.version].map(function (one) { return [one[1], one[0], one[2]]; });
    }

    function value(step, field) {
      var text = data.steps[step][1][field];
      return text === undefined ? "–" : data.texts[text];
    }

    function compare(a, b) {
      var counts = [0, 0, 0], all = 0, same = 0;
      var at = { a: {}, b: {} };
      a.steps.forEach(function (one) { at.a[one[0]] = one; });
      b.steps.forEach(function (one) { at.b[one[0]] = one; });
      table.querySelectorAll("tbody").forEach(function (one) { one.remove(); });
      pairs(a, b).forEach(function (pair) {
        var one = pair[0] === null ? null : at.a[pair[0]], other = pair[1] === null ? null : at.b[pair[1]];
        if (!one && !other) return;
        all += 1;
        var steps = one && other ? [one[1], other[1]] : null;
        var key = steps && Math.min(steps[0], steps[1]) + "-" + Math.max(steps[0], steps[1]);
        var found = steps && steps[0] !== steps[1] && key in data.differs ? data.lists[data.differs[key]] : [];
        var slower = steps && one[2] !== other[2];
        if (steps && !found.length && !pair[2]) same += 1;
        if (steps && !found.length && !pair[2] && !slower) return;
        var body = table.createTBody();
        body.insertRow().append(make("th", data.texts[data.steps[(one || other)[1]][0]], { scope: "rowgroup", colSpan: 4 }));
        body.rows[0].className = "group";
        if (!steps) row(body, null, one ? words.only : "–", other ? words.only : "–", "");
        if (pair[2]) row(body, null, "", words.moved, "");
        if (slower) row(body, words.duration, data.texts[one[2]], data.texts[other[2]], "");
        for (var i = 0; i < found.length; i += 2) {
          counts[found[i + 1]] += 1;
          row(body, data.fields[found[i]], value(steps[0], found[i]), value(steps[1], found[i]), data.matters[found[i + 1]]);
        }
      });
      var said = [words.same.replace("{same}", same).replace("{all}", all)];
      [words.image, words.time, words.bookkeeping].forEach(function (text, i) { if (counts[i]) said.push(text.replace("{number}", counts[i])); });
      if (!table.tBodies.length) said.push(words.none);
      said.push(words.total.replace("{a}", a.total).replace("{b}", b.total), words.hand.replace("{a}", a.hand).replace("{b}", b.hand));
      document.getElementById("summary").textContent = said.join(" ");
    }

    function show() {
      var cards = ["a", "b"].map(function (side) {
        var card = known[form.elements[side].value];
        document.getElementById("name-" + side).textContent = card.name + ", " + card.group;
        return card;
      });
      compare(cards[0], cards[1]);
      result.hidden = false;
      var fragment = "#a=" + encodeURIComponent(cards[0].id) + "&b=" + encodeURIComponent(cards[1].id);
      document.querySelectorAll("a[data-language]").forEach(function (link) { link.href = link.getAttribute("href").split("#")[0] + fragment; });
      return fragment;
    }

    function recall() {
      var stated = new URLSearchParams(location.hash.slice(1));
      ["a", "b"].forEach(function (side, i) {
        var card = known[stated.get(side)];
        var select = form.elements[side];
        if (card) select.value = card.id;
        else if (!select.value || select.selectedIndex < 0) select.selectedIndex = Math.min(i, select.options.length - 1);
      });
      show();
    }

    ["a", "b"].forEach(function (side, i) {
      options(form.elements[side]);
      form.elements[side].selectedIndex = Math.min(i, form.elements[side].options.length - 1);
    });
    form.addEventListener("input", function () { history.replaceState(null, "", show()); });
    form.addEventListener("submit", function (event) { event.preventDefault(); });
    document.getElementById("swap").onclick = function () {
      var a = form.elements.a.value;
      form.elements.a.value = form.elements.b.value;
      form.elements.b.value = a;
      history.replaceState(null, "", show());
    };
    window.addEventListener("hashchange", recall);
    form.hidden = false;
    recall();
  }

  filters();
  versus();
  chosen();
  opened();
  window.addEventListener("hashchange", function () { chosen(); opened(); });
  openAll();
})();
