// Filters in the address, opening of all panels. Every page works without it.
(function () {
  "use strict";

  function filters() {
    var form = document.getElementById("filters");
    if (!form) return;
    var rows = Array.prototype.slice.call(document.querySelectorAll("#catalogue tr.card"));
    var groups = Array.prototype.slice.call(document.querySelectorAll("#catalogue tbody"));
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

    function fits(row, choice) {
      return names.every(function (name) {
        if (!(name in choice)) return true;
        if (name === "text") {
          var all = (row.parentNode.rows[0].textContent + " " + row.textContent).toLowerCase();
          return choice.text.toLowerCase().split(/\s+/).every(function (word) { return all.indexOf(word) >= 0; });
        }
        return row.dataset[name].split("|").indexOf(choice[name]) >= 0;
      });
    }

    function languages(fragment) {
      document.querySelectorAll("a[data-language]").forEach(function (link) {
        link.href = link.getAttribute("href").split("#")[0] + fragment;
      });
    }

    function show() {
      var choice = wanted();
      var shown = 0;
      rows.forEach(function (row) {
        row.hidden = !fits(row, choice);
        if (!row.hidden) shown += 1;
      });
      groups.forEach(function (group) { group.hidden = !group.querySelector("tr.card:not([hidden])"); });
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

  filters();
  openAll();
})();
