/** Entry of the window: styles, fonts, the app. Everything else hangs below App.svelte. */
import './state/schemas.ts';
import '@fontsource-variable/inter/wght.css';
import '@fontsource-variable/jetbrains-mono/wght.css';
import './styles/tokens.css';
import './styles/base.css';
import { mount } from 'svelte';
import { studio, theme } from './app.ts';
import App from './App.svelte';

theme.apply();
mount(App, { target: document.getElementById('app')! });
void studio.run();
