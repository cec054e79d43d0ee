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
    var rows = Array.prototype.slice.call(document.querySelectorAll(".downloads tr[data-slug]"));
    var names = ["vendor", "field", "model", "software", "kind"].filter(function (name) { return stated.get(name); });
    var fitting = rows.filter(function (row) {
      if (stated.get("scanner")) return row.dataset.slug === stated.get("scanner");
      return names.length && names.every(function (name) { return row.dataset[name].split("|").indexOf(stated.get(name)) >= 0; });
    });
    var some = fitting.length > 0 && fitting.length < rows.length;
    var slugs = fitting.map(function (row) { return row.dataset.slug; });
    document.querySelectorAll("[data-slug]").forEach(function (one) { one.hidden = some && slugs.indexOf(one.dataset.slug) < 0; });
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

  filters();
  chosen();
  opened();
  window.addEventListener("hashchange", function () { chosen(); opened(); });
  openAll();
})();
