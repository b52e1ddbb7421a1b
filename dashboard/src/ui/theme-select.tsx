import { setTheme, theme, themes } from "../core/theme.ts";

export const ThemeSelect = () => (
  <label class="theme">
    <span class="visually-hidden">Theme</span>
    <select
      value={theme.value}
      onChange={({ currentTarget: { value } }) =>
        setTheme(themes.find((name) => name === value) ?? "dark")
      }
    >
      {themes.map((name) => (
        <option value={name} key={name}>
          {name}
        </option>
      ))}
    </select>
  </label>
);
