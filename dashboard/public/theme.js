// Before the first paint, so that no other theme flashes.
const theme = localStorage.getItem("theme") ?? "dark";
document.documentElement.dataset.theme = theme;
