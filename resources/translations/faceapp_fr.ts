<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="fr" sourcelanguage="en_GB">
<context>
    <name>AdminPanel</name>
    <message>
        <source>Close</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Back to the kiosk's screen (Esc)</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Now</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>What is decided about the newest picture</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Decisions</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>The last openings and refusals, explained</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>People</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Who may open the door, and when</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Zone</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Where in the picture people are looked at</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Site</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>How this kiosk works, its PIN, and the way out</source>
        <translation type="unfinished" />
    </message>
</context><context>
    <name>AdminWords</name>
    <message>
        <source>everything fits</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>nobody is there</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>no badge yet</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>the badge was too long ago</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>too far away</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>not seen well enough</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>collecting votes</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>several people in the zone</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>not known to be alive yet</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>let in a moment ago</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>the door is still moving</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>something is out of order</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>the picture is too old</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>photos of another network</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>searched in another way</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>two people too alike</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>not recognised</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>has no right to this door</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>deactivated</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>outside the allowed hours</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>a picture was held up</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>not found to be alive</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>too many refusals in a row</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>the door confirmed</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>the door refused to open</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>the door could not be reached</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>the door failed</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>the door answered too late and was shut again</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>the decision had grown too old before the door was asked</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>the person was deactivated or removed in the meantime</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>it could not be logged, so the door stayed shut</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>the program ended before the door answered</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>not known</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>a living person</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>a picture or a screen</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Opening</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Opened</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Not opened</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Refused</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Waiting</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>somebody</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Opening for {name}</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Opened for {name}</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Not opened for {name}</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Refused: {reason}</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Waiting: {reason}</source>
        <translation type="unfinished" />
    </message>
</context><context>
    <name>BadgeField</name>
    <message>
        <source>Badge code</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Waiting for the reader</source>
        <translation type="unfinished" />
    </message>
</context><context>
    <name>ChangePin</name>
    <message>
        <source>The two were not the same. Please choose again.</source>
        <translation>Les deux ne sont pas identiques. Veuillez recommencer.</translation>
    </message>
    <message>
        <source>Change PIN</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Please type the PIN that holds now.</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>New PIN</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>At least 6 digits, not a simple row.</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Once more</source>
        <translation>Encore une fois</translation>
    </message>
    <message>
        <source>Please type the new PIN again.</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Cancel</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>That is not the PIN. Please wait {seconds} s before the next try.</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>That is not the PIN. Nothing was changed.</source>
        <translation type="unfinished" />
    </message>
</context><context>
    <name>DecisionsModel</name>
    <message>
        <source>Time</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Decision</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Person</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Why</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Distance</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>How different the face is from the nearest enrolled photo. Smaller is more alike.</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>unknown</source>
        <translation type="unfinished" />
    </message>
</context><context>
    <name>DecisionsPage</name>
    <message>
        <source>Nobody has come to the door yet.</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>The screen said: “{sentence}”</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Decisions, newest first</source>
        <translation type="unfinished" />
    </message>
</context><context>
    <name>Explain</name>
    <message>
        <source>at most {limit}</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>at least {limit}</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>{height} px</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>alone</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>{needed} of {frames}</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>the door hasn't answered yet</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>nobody enrolled is near enough</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>too few pictures agreed on one person</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>{name} and {other} are too near to each other to be told apart</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>recognised as {name}, who has no right to this door</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>recognised as {name}, who is deactivated</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>recognised as {name}, whose hours don't include this one</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>the face was found to be a picture or a screen</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>it wasn't found out whether the face is a living person's</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>it isn't found out yet whether the face is a living person's</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>refused several times before, so the next try has to wait</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>the face is too small in the picture</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>the face isn't seen well enough to be compared</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>more pictures must agree before the door opens</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>nobody in the zone is clearly nearer than the others</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>the door was opened for this person a moment ago</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>the person</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>somebody else</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>compared with nobody so far</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>distance {distance}, threshold {threshold}</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>distance {distance}, above the threshold {threshold}</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>{votes} of {needed} votes</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>{votes} of {needed} votes in {seconds} s</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>found to be a living person</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>decided {ms} ms after the frame on {provider}</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>nobody else to confuse with</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>the nearest</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>next nearest {other} at {at}, {gap} farther than {name}, {needed} needed</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>face {value} px</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>face {value} px, less than the {minimum} needed</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>quality {value}</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>quality {value}, less than the {minimum} needed</source>
        <translation type="unfinished" />
    </message>
</context><context>
    <name>Figures</name>
    <message>
        <source>Size</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>How high the face is in the picture, in pixels: how near the person is.</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Quality</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>How well the face is seen, 0 to 100: sharpness, light, both eyes.</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Distance</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>How different the face is from the nearest enrolled photo. Smaller is more alike.</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Margin</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>How much farther the next nearest person is. Too little, and two people can't be told apart.</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Votes</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>How many of the last pictures agree on the same person, and how many must.</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>not measured</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>fulfilled</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>not fulfilled</source>
        <translation type="unfinished" />
    </message>
</context><context>
    <name>Hours</name>
    <message>
        <source>Monday</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Tuesday</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Wednesday</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Thursday</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Friday</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Saturday</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Sunday</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Mon</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Tue</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Wed</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Thu</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Fri</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Sat</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Sun</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>every day</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>always</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>never</source>
        <translation type="unfinished" />
    </message>
</context><context>
    <name>HoursEditor</name>
    <message>
        <source>Add a window</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Another time of the week at which the door opens</source>
        <translation type="unfinished" />
    </message>
</context><context>
    <name>Kiosk</name>
    <message>
        <source>The two were not the same. Please choose again.</source>
        <translation>Les deux ne sont pas identiques. Veuillez recommencer.</translation>
    </message>
    <message>
        <source>Too many wrong PINs. Please wait %1.</source>
        <translation>Trop de codes faux. Veuillez attendre %1.</translation>
    </message>
    <message>
        <source>Administrator</source>
        <translation>Administration</translation>
    </message>
    <message>
        <source>Please type the PIN.</source>
        <translation>Veuillez saisir le code PIN.</translation>
    </message>
    <message>
        <source>Choose a PIN</source>
        <translation>Choisir un code PIN</translation>
    </message>
    <message>
        <source>It opens the administrator's page. At least 6 digits, not a simple row.</source>
        <translation>Il ouvre la page d'administration. Au moins 6 chiffres, pas une simple suite.</translation>
    </message>
    <message>
        <source>Once more</source>
        <translation>Encore une fois</translation>
    </message>
    <message>
        <source>Please type the same PIN again.</source>
        <translation>Veuillez saisir le même code une seconde fois.</translation>
    </message>
    <message>
        <source>Back</source>
        <translation>Retour</translation>
    </message>
    <message>
        <source>That is not the PIN.</source>
        <translation>Ce n'est pas le bon code.</translation>
    </message>
    <message>
        <source>Please wait %1.</source>
        <translation>Veuillez attendre %1.</translation>
    </message>
    <message>
        <source>Type your number</source>
        <translation>Saisir votre numéro</translation>
    </message>
    <message>
        <source>Camera picture</source>
        <translation>Image de la caméra</translation>
    </message>
    <message>
        <source>Welcome</source>
        <translation>Bienvenue</translation>
    </message>
    <message>
        <source>This kiosk cannot tell a photograph or a phone from a person.</source>
        <translation>Cette borne ne peut pas distinguer une photo ou un téléphone d'une personne.</translation>
    </message>
    <message>
        <source>Welcome, %1</source>
        <translation>Bienvenue, %1</translation>
    </message>
    <message>
        <source>Show your badge again, or ask for help.</source>
        <translation>Présentez de nouveau votre badge ou demandez de l'aide.</translation>
    </message>
    <message>
        <source>Checking</source>
        <translation>Vérification</translation>
    </message>
    <message>
        <source>Keep looking here for a moment.</source>
        <translation>Continuez à regarder ici un instant.</translation>
    </message>
    <message>
        <source>One moment</source>
        <translation>Un instant</translation>
    </message>
    <message>
        <source>The kiosk is starting.</source>
        <translation>La borne démarre.</translation>
    </message>
    <message>
        <source>Entrance</source>
        <translation>Entrée</translation>
    </message>
    <message>
        <source>Step in front of the camera to open the door.</source>
        <translation>Placez-vous devant la caméra pour ouvrir la porte.</translation>
    </message>
    <message>
        <source>Show your badge</source>
        <translation>Présentez votre badge</translation>
    </message>
    <message>
        <source>Hold it to the reader or its code to the camera.</source>
        <translation>Approchez-le du lecteur, ou son code de la caméra.</translation>
    </message>
    <message>
        <source>Come closer</source>
        <translation>Approchez-vous</translation>
    </message>
    <message>
        <source>One more step towards the screen.</source>
        <translation>Encore un pas vers l'écran.</translation>
    </message>
    <message>
        <source>Look here</source>
        <translation>Regardez ici</translation>
    </message>
    <message>
        <source>Face the camera, straight ahead.</source>
        <translation>Regardez la caméra, bien en face.</translation>
    </message>
    <message>
        <source>One at a time</source>
        <translation>Une seule personne</translation>
    </message>
    <message>
        <source>Please stand in front of the camera alone.</source>
        <translation>Veuillez vous placer sans autre personne devant la caméra.</translation>
    </message>
    <message>
        <source>The door is open.</source>
        <translation>La porte est ouverte.</translation>
    </message>
    <message>
        <source>Please go in</source>
        <translation>Veuillez entrer</translation>
    </message>
    <message>
        <source>You were let in a moment ago.</source>
        <translation>L'accès vient de vous être ouvert.</translation>
    </message>
    <message>
        <source>Not recognised</source>
        <translation>Visage non reconnu</translation>
    </message>
    <message>
        <source>Please try again, or ask for help.</source>
        <translation>Veuillez réessayer ou demander de l'aide.</translation>
    </message>
    <message>
        <source>No entry now</source>
        <translation>Pas d'accès</translation>
    </message>
    <message>
        <source>This door is not open to you at present. Please ask for help.</source>
        <translation>Cette porte ne vous est pas ouverte en ce moment. Demandez de l'aide.</translation>
    </message>
    <message>
        <source>Show your face</source>
        <translation>Montrez votre visage</translation>
    </message>
    <message>
        <source>A picture does not open this door.</source>
        <translation>Une image n'ouvre pas cette porte.</translation>
    </message>
    <message>
        <source>Please wait</source>
        <translation>Patientez</translation>
    </message>
    <message>
        <source>Out of order</source>
        <translation>Hors service</translation>
    </message>
    <message>
        <source>Please use another way in, or ask for help.</source>
        <translation>Veuillez passer par une autre entrée ou demander de l'aide.</translation>
    </message>
    <message>
        <source>You can try again in a moment.</source>
        <translation>Vous pourrez réessayer dans un instant.</translation>
    </message>
    <message>
        <source>You can try again in %1.</source>
        <translation>Vous pourrez réessayer dans %1.</translation>
    </message>
    <message>
        <source>%1 s</source>
        <translation>%1 s</translation>
    </message>
    <message>
        <source>%1 min</source>
        <translation>%1 min</translation>
    </message>
    <message>
        <source>Back to full screen</source>
        <translation>Revenir en plein écran</translation>
    </message>
    <message>
        <source>Then look at the camera.</source>
        <translation>Regardez ensuite la caméra.</translation>
    </message>
    <message>
        <source>Your number</source>
        <translation>Votre numéro</translation>
    </message>
    <message>
        <source>Delete the last digit</source>
        <translation>Effacer le dernier chiffre</translation>
    </message>
    <message>
        <source>Done</source>
        <translation>Valider</translation>
    </message>
</context><context>
    <name>Line</name>
    <message>
        <source>Not done: {line}</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Done: {line}</source>
        <translation type="unfinished" />
    </message>
</context><context>
    <name>NowPage</name>
    <message>
        <source>Camera picture with the zone</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>No picture yet</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>What the person in front of the screen reads</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>The door is opened for nobody right now.</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>{ms} ms</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Nobody is looked at</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>{verdict} ({name})</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>no picture yet</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>no new picture for {seconds} s</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>{read} pictures a second, {used} looked at</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Camera, door, log and gallery are in order.</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Living person</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Whether the face is a person's or a picture's</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Time taken</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>From taking the picture to deciding on it</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Computed on</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>The processor and the number format of the networks</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Camera</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>How many pictures the camera sends and how many are looked at</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Door</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>The door's address</source>
        <translation type="unfinished" />
    </message>
</context><context>
    <name>PersonRights</name>
    <message>
        <source>Allow</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Give this person the door</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Deny</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Take the door from this person, whatever their groups may</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>As groups say</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>No right of their own: their groups decide</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Always</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>At every hour of the week</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>At these hours</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Only at certain hours of the week</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Keep these hours</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Add a badge</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Hold a badge to the reader, or type its code</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Forget badges</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>None of their badges opens anything any more</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Cancel</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Hold the badge to the reader, or type its code and press Enter. Only a fingerprint of it is kept.</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Deactivate</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Activate again</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Nothing opens for them until they are activated again; photos and rights stay</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Their right counts again</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>No badge</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Deactivated: nothing opens for {name}.</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>May enter at any time.</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>May enter: {hours}.</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>May not enter, whatever their groups may.</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>May enter at the hours of: {groups}.</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>May not enter: no right through {groups}.</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>May not enter: nobody has allowed it yet.</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>When</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>The door</source>
        <translation type="unfinished" />
    </message>
</context><context>
    <name>Rights</name>
    <message>
        <source>deactivated</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>not allowed</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>through {groups}</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>no right through {groups}</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>no right yet</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>1 badge</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>{count} badges</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>may enter</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>may not enter</source>
        <translation type="unfinished" />
    </message>
</context><context>
    <name>RightsPanel</name>
    <message>
        <source>Search people</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Nobody is enrolled yet.</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>No name contains “{text}”.</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>{allowed} of {all} may enter</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>People and their right to the door</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Enrolling gives nobody a door. Choose a person to allow it.</source>
        <translation type="unfinished" />
    </message>
</context><context>
    <name>SitePage</name>
    <message>
        <source>Change PIN</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>The PIN that opens this page</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Leave full screen</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>The kiosk goes on in a window</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Quit the kiosk</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>The program ends, and the door stays shut</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Identify: the face alone, compared with everybody who is enrolled.</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Verify: a badge, a code or a number first, then the face, compared with that person only.</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Off. A photograph or a phone held up cannot be told from a person: whoever has a good picture of somebody enrolled may get in. Keep a badge or a person at doors that matter.</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Passive: each face is checked for being a picture or a screen.</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Active: people are asked to move before the door opens.</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Both: faces are checked for being pictures, and people are asked to move.</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>{address} (drawn on the screen: no real door is moved)</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>The new PIN holds from now on.</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Cancel</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Quit</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Quit the kiosk? Nobody gets in by face until it is started again.</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>How people are recognised</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Is it a living person?</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>The door</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>These are set when the kiosk is started, or in its settings.</source>
        <translation type="unfinished" />
    </message>
</context><context>
    <name>TimeField</name>
    <message>
        <source>A quarter of an hour earlier</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>A quarter of an hour later</source>
        <translation type="unfinished" />
    </message>
</context><context>
    <name>WindowEditor</name>
    <message>
        <source>From</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>To</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Remove this window</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Choose at least one day.</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Times are from 00:00 to 24:00, and differ.</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Ends on the next day.</source>
        <translation type="unfinished" />
    </message>
</context><context>
    <name>ZonePage</name>
    <message>
        <source>The zone over the camera picture</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>No picture yet</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Drag an edge, a corner or the whole. Arrow keys move it, with Shift they resize it.</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Only faces whose middle lies inside the frame are looked at. Leave out whoever merely passes by.</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Keep this zone</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Undo</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Back to the zone that is in force</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Whole picture</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Look at everybody in the picture</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>The zone is in force from now on.</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>{width} % of the width, {height} % of the height</source>
        <translation type="unfinished" />
    </message>
</context></TS>
